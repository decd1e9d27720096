#pragma once

#include "compress/options.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace marvel::compress {

enum class Phase { kWarmUp, kPrune, kFineTune };
std::string_view phase_name(Phase phase);

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
// Method "none" has no gates: all its epochs are fine-tuning.
struct Recipe {
  std::vector<int> layers;
  Method method = Method::kDynHp;
  int epochs = 0;
  int warmup_epochs = 0;
  int finetune_epochs = 0;
  int ramp_epochs = 0;
  int batch_size = 0;
  double lr = 0;
  double gate_lr = 0;
  std::vector<double> lambda;      // one per layer
  std::vector<double> drop_rates;  // of each layer's inputs at the start
  double threshold = 0;
  double alpha_bs = 1;
  double target_reduction = 0;  // 0: none
  double distill = 0;           // weight of the teachers' soft labels
  int teachers = 1;
  double temperature = 1;
  int shift = 0;
  bool flip = false;
  double weight_decay = 0;
  double average_decay = 0;
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
  // The most parameters that may be left after this epoch of pruning: falls geometrically from
  // `dense` to the target, which it reaches after four fifths of the phase.
  [[nodiscard]] double scheduled_size(double dense, int epoch) const;
  // Share of the full price in this epoch, [0, 1].
  [[nodiscard]] double price_scale(int epoch) const;
  // Factor on both learning rates at `progress` in [0, 1) of this epoch.
  [[nodiscard]] double lr_scale(int epoch, double progress) const;
};

// `cores`: of this machine, for --threads 0. `options` passed validate().
Recipe make_recipe(const TrainOptions& options, int cores);

// Every value in force by the name of its flag, for the report; also the fingerprint that a
// resumed run must share.
std::vector<std::pair<std::string, std::string>> settings_of(const Recipe& recipe);

}  // namespace marvel::compress
