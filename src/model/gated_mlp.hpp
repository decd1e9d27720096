#pragma once

#include "model/torch.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace marvel::model {

// A trainable tensor with all that must be sliced together when a unit leaves: Adam's moments and
// the running average. All four have one shape, float32, contiguous, on one device.
//
// Tensors are handles: a copy of a Parameter, and so of a GatedMlp, shares their memory, and
// training changes both. Who wants a network of its own makes it with from() of clones.
struct Parameter {
  torch::Tensor value;
  torch::Tensor moment1;
  torch::Tensor moment2;
  torch::Tensor average;

  // Starts training from `initial`: moments zero, average equal to the value, so no bias
  // correction of the average is due.
  static Parameter from(torch::Tensor initial);
  // Keeps the given indices (int64, on the same device) along `dimension`, in all four; makes new
  // tensors.
  void keep(int64_t dimension, const torch::Tensor& indices);
};

// L0Dense of Louizos et al.: y = (x * z) W + b with one gate per input unit.
struct GatedLayer {
  Parameter weight;             // [in, out], transposed against torch::nn::Linear
  Parameter bias;               // [out]
  Parameter log_alpha;          // [in]
  std::vector<int32_t> inputs;  // original indices of the kept inputs, strictly increasing

  [[nodiscard]] int64_t in() const { return weight.value.size(0); }
  [[nodiscard]] int64_t out() const { return weight.value.size(1); }
};

// A multilayer perceptron with ReLU between its layers and a gate on every input and hidden
// unit. Units leave physically: every tensor shrinks. Not thread-safe; whoever trains it owns it.
//
// It is made dense, trained with gates (training_step.hpp), pruned with keep_inputs as often as
// wanted, folded once, and trained on without gates. After each of the last three the sources of
// its images and its TrainingStep must be told of the new shapes. A layer's outputs are the next
// one's inputs: layers[l].out() == layers[l + 1].in().
struct GatedMlp {
  std::vector<GatedLayer> layers;
  bool gated = true;  // false once the gates are folded into the weights

  // Weights ~ N(0, 2 / in), biases 0, log_alpha ~ N(ln((1-p)/p), 0.01) with p the initial drop
  // rate of that layer's inputs (compress/recipe.hpp). A pure function of `seed`.
  static GatedMlp make(std::span<const int> widths, std::span<const double> drop_rates,
                       std::uint64_t seed);

  // Kept units per layer, from inputs to outputs.
  [[nodiscard]] std::vector<int> widths() const;
  // Weights and biases of the network as it stands; gates are not counted.
  [[nodiscard]] std::uint64_t parameters() const;
  // Multiply-accumulates of one forward pass of one sample.
  [[nodiscard]] std::uint64_t macs() const;

  // Keeps only the listed positions (not original indices) of layer l's inputs: rows of W_l, its
  // gates, and for l > 0 the columns of W_{l-1} and its biases. `positions` is strictly increasing
  // and not empty. Exact: the result equals the network with the other gates at zero.
  void keep_inputs(std::size_t l, const std::vector<int32_t>& positions);

  // Ends gated training: starts over from the averaged parameters with every row of W multiplied by
  // its test gate, the gates gone and the units whose gate is 0 removed. Exact: outputs equal those
  // of the averaged gated network. At least one unit per layer stays (the one with the largest
  // log_alpha); where its gate is closed too it counts as open by 0.001, and then outputs differ.
  // Adam's moments start afresh. log_alpha stays, unused.
  void fold_gates();

  // Moves all tensors; LibTorch throws where the device is not there.
  void to(torch::Device device);
};

// P(z > 0) of each of a layer's gates, from the averaged log_alpha.
[[nodiscard]] std::vector<double> open_rates(const GatedLayer& layer);

// Weights and biases that are expected to be open: the size with each layer's width replaced by the
// sum of its open rates. Training steers by it, because it moves before any unit leaves.
[[nodiscard]] double expected_parameters(const GatedMlp& net);

// Parameters and multiply-accumulates of a dense perceptron with these widths: 784, 300, 100, 10
// have 266,610 and 266,200.
[[nodiscard]] std::uint64_t mlp_parameters(std::span<const int> widths);
[[nodiscard]] std::uint64_t mlp_macs(std::span<const int> widths);

}  // namespace marvel::model
