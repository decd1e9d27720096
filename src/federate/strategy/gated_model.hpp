#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::federate {

// A perceptron with a gate on each input of each layer, as it travels for federated DynHP: per
// layer weight [out, in], bias [out] and log_alpha [in], the gate's parameter
// (model/hard_concrete). A layer's outputs are the next one's inputs.
//
// So tensors 3 l, 3 l + 1 and 3 l + 2 are layer l, and 784-300-100-10 is nine of them:
//   (300, 784) (300,) (784,)   (100, 300) (100,) (300,)   (10, 100) (10,) (100,)
// Weights are [out, in] as in PyTorch's Linear; model::GatedLayer has them the other way round.
// When an input of a layer leaves, its column and its gate go, and the row and the bias of the
// layer before. Everything here copies; nothing keeps state.

struct GatedLayout {
  std::vector<std::size_t> inputs;  // per layer
  std::size_t outputs = 0;          // of the last one

  [[nodiscard]] std::size_t layers() const { return inputs.size(); }
  [[nodiscard]] std::size_t outputs_of(std::size_t layer) const {
    return layer + 1 < layers() ? inputs[layer + 1] : outputs;
  }
  [[nodiscard]] std::size_t gates() const;
  [[nodiscard]] std::uint64_t parameters() const;  // weights and biases
  bool operator==(const GatedLayout&) const = default;
};

// The layout of a model that somebody has sent. kInput, saying which tensor does not fit, for
// models of another kind: not three tensors per layer, whole numbers, or layers that do not follow
// on each other. No other function here looks for that.
Result<GatedLayout> gated_layout(const Model& model);

// Positions of inputs, per layer, strictly increasing. Outputs of the last layer never leave and
// have none.
using Positions = std::vector<std::vector<std::size_t>>;
[[nodiscard]] Positions all_positions(const GatedLayout& layout);

// The model without all other inputs: columns of a layer's weight and its gates, rows of the weight
// before it and its biases. `kept` are positions in `model` as it is, at least one per layer.
[[nodiscard]] Model keep_positions(const Model& model, const Positions& kept);
// The reverse: a model of `full` inputs that is zero but at `kept`, which are positions in the full
// one. It computes the same: a unit whose weights and bias are zero adds nothing, whatever its
// gate. keep_positions of the result gives `model` back.
[[nodiscard]] Model spread_positions(const Model& model, const Positions& kept,
                                     const GatedLayout& full);

}  // namespace marvel::federate
