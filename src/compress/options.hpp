#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::compress {

// How a run makes its network smaller; by the words of --method.
enum class Method {
  kNone,   // dense training, the baseline
  kSoft,   // "sp": L0 gates, units leave only at the end of pruning
  kHard,   // "hp": gates, and one-way removal of whole units after each epoch
  kDynHp,  // "dynhp": hp, and a mini-batch that grows with the gradients' relative variance
};

// What the memory budget counts (memory.hpp). kSeed: parameters and one batch of inputs, the metric
// of MARVEL D3.2 tables 3 and 4. kFull: also gradients, Adam moments, averages and activations.
enum class MemoryModel { kSeed, kFull };

// kCuda takes the portable training step (model/training_step.hpp), and needs a LibTorch built for
// it.
enum class Device { kCpu, kCuda };

// Everything `marvel compress train` can be told. An empty optional means "the recipe's value for
// this data set and method" (see recipe.hpp), which the report then states. The command line fills
// it, validate() judges it, make_recipe() answers what is open.
struct TrainOptions {
  std::string model = "mlp";
  std::vector<int> layers{784, 300, 100, 10};  // units from input to output, each >= 1
  std::string data;                            // "fashion-mnist", "mnist" or a folder of IDX files
  Method method = Method::kDynHp;
  std::string out;      // folder for model, reports and checkpoint
  bool force = false;   // may replace what stands in `out`
  bool resume = false;  // go on from the checkpoint in `out`

  // Phases of a run: warm-up, then pruning, then fine-tuning (recipe.hpp). With a method other than
  // kNone something must be left for pruning.
  std::optional<int> epochs;           // in all, fine-tuning included
  std::optional<int> finetune_epochs;  // of them, at the end, without gates
  std::optional<int> warmup_epochs;    // of them, at the start, before any price on gates
  std::optional<int> batch_size;       // samples, the first one for dynhp
  std::optional<double> lr;            // Adam step size of weights
  std::optional<double> gate_lr;       // Adam step size of gates
  // What is pruned. With a target kHard and kDynHp steer the price towards it, so lambda sets only
  // how layers compare; where lambda alone is given there is no target. Gates are clamped to be
  // open in 4.71 % to 99.8 % of draws, hence the bounds of the threshold.
  std::optional<std::vector<double>> lambda;  // price of a weight, one per layer or one for all
  std::optional<double> threshold;  // gamma: units active less often leave, (0.0471, 0.998)
  std::optional<double> alpha_bs;   // smoothing of the batch rule, [0, 1]
  // Stop pruning when this share is gone, (0, 1). Only for kHard and kDynHp.
  std::optional<double> target_reduction;
  // How it is learned: from whom, from which images, within which memory.
  std::optional<double> distill;  // weight of the teachers' soft labels, [0, 1]
  std::optional<int> teachers;    // dense networks trained during warm-up, 1 to 16
  // What the first layer's gates choose from: "pixels", or "haar" for the coefficients of that
  // wavelet (model/haar.hpp), which needs images with even sides.
  std::optional<std::string> inputs;
  std::optional<std::string> augment;  // "none", "shift", "flip", "shift+flip"
  std::optional<double> weight_decay;  // L2 on weights, >= 0
  // In bytes. None: for kDynHp what training takes at its start, so that what pruning frees goes to
  // the batch; for other methods no cap but the training set.
  std::optional<std::uint64_t> memory_budget;
  MemoryModel memory_model = MemoryModel::kSeed;
  int validation = 5000;  // training samples held back, 0 for none
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all cores, two at most for an MLP
  Device device = Device::kCpu;
};

// Everything `marvel compress eval` can be told.
struct EvalOptions {
  std::string model;  // path of a model.pt
  std::string data;
  int threads = 1;  // 0 is 1
  Device device = Device::kCpu;
  int latency_runs = 1000;  // single-sample forward passes timed, 1 to 1,000,000
};

// Words as the command line and the reports spell them: "none", "sp", "hp", "dynhp"; "seed",
// "full"; "cpu", "cuda". parse_method() is kUsage for another word, with the nearest one as a hint.
std::string_view method_name(Method method);
Result<Method> parse_method(std::string_view word);
std::string_view memory_model_name(MemoryModel model);
std::string_view device_name(Device device);

// Refuses impossible values before any work: kUsage, naming the flag and the allowed range. Looks
// at the options alone: whether data, folder and device are there is found out by train().
Status validate(const TrainOptions& options);
Status validate(const EvalOptions& options);

}  // namespace marvel::compress
