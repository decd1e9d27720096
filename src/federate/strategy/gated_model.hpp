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

// kInput, saying which tensor does not fit, for models of another kind.
Result<GatedLayout> gated_layout(const Model& model);

// Positions of inputs, per layer, strictly increasing.
using Positions = std::vector<std::vector<std::size_t>>;
[[nodiscard]] Positions all_positions(const GatedLayout& layout);

// The model without all other inputs: columns of a layer's weight and its gates, rows of the weight
// before it and its biases.
[[nodiscard]] Model keep_positions(const Model& model, const Positions& kept);
// The reverse: a model of `full` inputs that is zero but at `kept`.
[[nodiscard]] Model spread_positions(const Model& model, const Positions& kept,
                                     const GatedLayout& full);

}  // namespace marvel::federate
