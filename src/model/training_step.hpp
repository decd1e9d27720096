#pragma once

#include "base/result.hpp"
#include "model/batch_source.hpp"
#include "model/dense_kernels.hpp"
#include "model/gated_mlp.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace marvel::model {

// The soft answers that a network is to learn, one row per training sample. A sample's mirrored and
// shifted variants share its row: what they show is the same thing.
struct SoftTargets {
  std::vector<float> probabilities;  // [samples, classes] at the distilling temperature
  int classes = 0;

  [[nodiscard]] bool empty() const { return probabilities.empty(); }
  [[nodiscard]] const float* row(std::uint32_t sample) const {
    return probabilities.data() +
           static_cast<std::size_t>(sample) * static_cast<std::size_t>(classes);
  }
};

// What one training step is told. The spans are read during run() alone. Keys decide all
// randomness, so the same input on the same network gives the same step.
struct StepInput {
  std::span<const std::uint32_t> samples;  // of the batch source, >= 1
  std::uint64_t augment_key = 0;           // chooses each sample's variant, constant in an epoch
  std::uint64_t gate_key = 0;              // chooses the gates' noise, new in every step
  std::uint64_t adam_time = 1;             // steps since the moments started at zero, from 1
  double lr = 1e-3;
  double gate_lr = 1e-3;
  double average_decay = 0.999;
  double weight_decay = 0;             // L2 per weight as in the L0 code, already divided by N
  std::span<const double> gate_price;  // per layer: lambda * out / N
  LossWeights loss;
  bool measure_variance = false;
  bool gates_rest = false;  // all gates at 1 and not trained, as in a network without any
};

// What one step says. If `finite` is false, the loss was NaN or infinite and no parameter moved;
// the other fields mean nothing then.
struct StepResult {
  double loss = 0;         // mean over the batch, regulariser excluded
  double regularizer = 0;  // sum over layers of P(z > 0) * price
  std::uint32_t correct = 0;
  // ||S||_1: the sum over all weights and biases of the unbiased variance of the per-sample
  // gradients. Exact and cheap: for a dense layer the per-sample gradient is an outer product
  // x_n delta_n', whose squared norm is |x_n|^2 |delta_n|^2, so
  //   ||S||_1 = (sum_n sum_layers (|x_n|^2 + 1) |delta_n|^2 - B |mean gradient|^2) / (B - 1).
  double variance = 0;
  bool finite = true;
};

// Trains one network on one source. Both outlive the step, as do the soft targets, which may be
// filled in between two steps; between steps the caller may shrink or fold the network and must
// then call network_changed():
//   step->run(input);
//   net.keep_inputs(l, positions);
//   source.keep_inputs(net.layers[0].inputs);
//   step->network_changed();
// One thread calls it; the fast path has threads of its own while run() lasts.
class TrainingStep {
 public:
  TrainingStep() = default;
  TrainingStep(const TrainingStep&) = delete;
  TrainingStep& operator=(const TrainingStep&) = delete;
  virtual ~TrainingStep() = default;

  // Forward, backward and update, once. Changes values, moments and averages of the network, and
  // the counts of open gates.
  virtual StepResult run(const StepInput& input) = 0;
  // Takes note of new shapes: makes new buffers where the step has any, and sets all counts to
  // zero.
  virtual void network_changed() = 0;
  // Steps in which each gate was open (z > 0) since the last reset; per layer, per position. The
  // caller may set them, to zero after an epoch or to what a checkpoint has. Gates that rest are
  // not counted.
  virtual std::vector<std::vector<std::uint32_t>>& open_counts() = 0;
};

// Refuses more threads than OpenMP gives this process (OMP_THREAD_LIMIT): kUsage. The steps and
// OpenBLAS count on every thread they ask for, and OpenBLAS waits for ever for one that never
// comes.
Status check_threads(int threads);

// The most that check_threads() lets pass.
[[nodiscard]] int most_threads();

// From here on LibTorch and the steps use `threads` threads, and all of them flush denormals to
// zero. Call it before anything whose bits matter: how a matrix product is cut among threads
// decides how it is rounded, so a resumed run must see what the first one saw.
void use_threads(int threads);

// The fast path: hand-written forward and backward on the CPU. The mini-batch is cut into one
// shard per thread; matrix products go to LibTorch's BLAS, one thread each, and the update sums
// the shards' gradients row by row while it runs Adam, the gates and the average in one pass.
// The result depends on the number of threads, not on their timing.
std::unique_ptr<TrainingStep> make_cpu_step(GatedMlp& net, const BatchSource& source,
                                            const SoftTargets& targets, int threads);

// The portable path: LibTorch operations on whatever device the network's tensors are on. Draws
// the same gates as the fast path; agrees with it up to rounding.
std::unique_ptr<TrainingStep> make_tensor_step(GatedMlp& net, const BatchSource& source,
                                               const SoftTargets& targets);

}  // namespace marvel::model
