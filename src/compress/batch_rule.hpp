#pragma once

#include <cstdint>

namespace marvel::compress {

// DynHP's mini-batch size, MARVEL D3.2 section 4.1.1.3. During an epoch a candidate grows after
// every gradient,
//   b~ <- b~ + floor((1 - alpha) ||S||_1 / F),
// and at the epoch's end, once the network has been pruned, the next epoch's size is
//   b = min(b~, floor((C - N) / m)).
// S is the variance of the per-sample gradients (see model/training_step.hpp), F the mini-batch's
// loss. The seed's bound b_i + (C - N_i) counts b_i twice and adds bytes to samples; in bytes it
// is the cap above. A candidate is cut back to the cap, so growth starts from what is in use.
//
//   BatchRule rule(recipe.batch_size, recipe.alpha_bs, cap);
//   rule.after_gradient(variance, loss);  // in every step, of rule.batch() samples
//   rule.after_epoch(new_cap);            // once pruned
// With alpha = 0.996 a gradient adds a sample for each 250 of the ratio ||S||_1 / F. Other methods
// than dynhp use the same object without after_gradient, and their batch stays.
class BatchRule {
 public:
  // `cap` >= 1 is the largest batch that fits now; `start` >= 1 is cut to it. alpha is in [0, 1];
  // with 1 nothing ever grows.
  BatchRule(int start, double alpha, std::uint64_t cap);

  // After one gradient; a loss that is not positive grows nothing. Growth is a million at most, so
  // that a loss near 0 cannot overflow the candidate.
  void after_gradient(double variance, double loss);
  // After the epoch's pruning, with the cap of the shrunk network. Only here batch() changes. It is
  // 1 at least, even if the cap is 0.
  void after_epoch(std::uint64_t cap);

  [[nodiscard]] int batch() const { return batch_; }
  [[nodiscard]] std::uint64_t candidate() const { return candidate_; }
  // For resuming inside an epoch: what batch() and candidate() gave then.
  void restore(int batch, std::uint64_t candidate);

 private:
  double alpha_;
  int batch_;
  std::uint64_t candidate_;
};

}  // namespace marvel::compress
