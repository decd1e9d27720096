#pragma once

#include "federate/array/tensor.hpp"
#include "federate/strategy/gated_model.hpp"

namespace marvel::federate::test_models {

// A gated model of these inputs per layer and outputs. Element e of tensor t is base + t + e / 100.
inline Model gated_model(const std::vector<std::size_t>& inputs, std::size_t outputs,
                         float base = 0) {
  Model model;
  for (std::size_t l = 0; l < inputs.size(); ++l) {
    const std::size_t out = l + 1 < inputs.size() ? inputs[l + 1] : outputs;
    for (const Shape& shape : {Shape{out, inputs[l]}, Shape{out}, Shape{inputs[l]}}) {
      Tensor tensor = make_tensor(Dtype::kFloat32, shape);
      auto& values = std::get<std::vector<float>>(tensor.values);
      for (std::size_t e = 0; e < values.size(); ++e) {
        values[e] = base + static_cast<float>(model.size()) + static_cast<float>(e) / 100;
      }
      model.push_back(std::move(tensor));
    }
  }
  return model;
}

}  // namespace marvel::federate::test_models
