#pragma once

#include "compress/options.hpp"
#include "model/haar.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace marvel::compress {

enum class Phase { kWarmUp, kPrune, kFineTune };
// "warm-up", "prune", "fine-tune", as in EpochRecord.
std::string_view phase_name(Phase phase);

// The words of --inputs: "pixels", "haar".
std::string_view inputs_name(model::InputBasis inputs);

// TrainOptions with every open question answered: what a run really does. The answers come from
// docs/design/003-recipe.md, where the measurements behind them stand.
//
// A run has three phases:
//   warm-up    gates rest at 1 and cost nothing: `teachers` dense networks learn one after the
//              other, each over a learning rate that falls to zero. Their averaged ends are the
//              teachers; the last one is the dense reference and is pruned from here on
//   prune      the price of open gates rises over `ramp_epochs`, then stays; hp and dynhp remove
//              units after each epoch. With a target, the size never exceeds `scheduled_size`
//   fine-tune  gates folded into the weights, learning rate falls to zero (half a cosine)
// Method "none" has no gates: all its epochs are fine-tuning. A recipe never changes during a run.
// Its functions are pure: whatever an epoch does is known from its number, which is why a resumed
// run needs no more than that.
struct Recipe {
  std::vector<int> layers;
  Method method = Method::kDynHp;
  // In all; the two below are of them, and what is left between is for pruning. ramp_epochs are the
  // first half of that.
  int epochs = 0;
  int warmup_epochs = 0;
  int finetune_epochs = 0;
  int ramp_epochs = 0;
  int batch_size = 0;
  double lr = 0;
  double gate_lr = 0;
  std::vector<double> lambda;  // one per layer
  // A run with a warm-up starts its gates just fully open (0.08), so that the network they are put
  // into stays the same; one without starts as the L0 paper does (0.2 of inputs, 0.5 of hidden
  // units).
  std::vector<double> drop_rates;  // of each layer's inputs at the start
  double threshold = 0;
  double alpha_bs = 1;
  double target_reduction = 0;  // 0: none
  double distill = 0;           // weight of the teachers' soft labels
  int teachers = 1;
  model::InputBasis inputs = model::InputBasis::kPixels;  // what the first layer sees
  // Of the teachers' softmax; then shift in pixels and mirroring of training images, L2 on weights,
  // and the decay of the running average that is reported and saved.
  double temperature = 1;
  int shift = 0;
  bool flip = false;
  double weight_decay = 0;
  double average_decay = 0;
  // Bytes. For dynhp that is told none, what training takes at its start: what pruning frees goes
  // to the batch.
  std::uint64_t memory_budget = 0;  // 0: none
  MemoryModel memory_model = MemoryModel::kSeed;
  int validation = 0;
  std::uint64_t seed = 1;
  int threads = 1;
  Device device = Device::kCpu;

  [[nodiscard]] Phase phase(int epoch) const;  // epochs count from 1
  [[nodiscard]] bool prunes() const { return method == Method::kHard || method == Method::kDynHp; }
  [[nodiscard]] bool has_gates() const { return method != Method::kNone; }
  // Which of the warm-up's networks learns in this epoch, [0, teachers), and whether it begins
  // there. Each has the same number of epochs; the last one also has what is left over.
  [[nodiscard]] int teacher_of(int epoch) const;
  [[nodiscard]] bool begins_teacher(int epoch) const;
  // What a teacher sees. With wavelet coefficients every other one sees pixels instead, counted
  // back from the last, which sees `inputs`: unlike teachers make unlike mistakes.
  [[nodiscard]] model::InputBasis inputs_of(int teacher) const;
  // The most parameters that may be left after this epoch of pruning: falls geometrically from
  // `dense` to the target, which it reaches after four fifths of the phase.
  [[nodiscard]] double scheduled_size(double dense, int epoch) const;
  // Share of the full price in this epoch, [0, 1].
  [[nodiscard]] double price_scale(int epoch) const;
  // Factor on both learning rates at `progress` in [0, 1) of this epoch: 1 while pruning, otherwise
  // half a cosine from 1 to 0, over each teacher's epochs or over all of fine-tuning.
  [[nodiscard]] double lr_scale(int epoch, double progress) const;
};

// `cores`: of this machine, for --threads 0. `options` passed validate(). "mnist", "fashion-mnist"
// (one more for targets of 0.8 and above) and all other data have a preset each; a run of other
// length keeps its preset's proportions of phases, but at least one epoch is left for pruning. A
// target that was not given is the preset's for hp and dynhp, unless lambda was given.
Recipe make_recipe(const TrainOptions& options, int cores);

// Refuses a recipe with gates whose other phases leave no epoch for pruning: kUsage. That can be
// only where they were given, and is known only when the preset has said how many epochs there are.
Status check_phases(const Recipe& recipe);

// Every value in force by the name of its flag, for the report; also the fingerprint that a resumed
// run must share. Numbers are written so that they read back exactly, in a fixed order.
std::vector<std::pair<std::string, std::string>> settings_of(const Recipe& recipe);

}  // namespace marvel::compress
