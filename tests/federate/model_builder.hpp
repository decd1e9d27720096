#pragma once

#include "federate/array/npy.hpp"
#include "federate/strategy/update.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace marvel::federate::test_models {

// A model of one float64 (or other) tensor with these values.
inline Model model_of(std::vector<double> values, Dtype dtype = Dtype::kFloat64) {
  Tensor tensor = make_tensor(dtype, {values.size()});
  std::visit(
      [&](auto& to) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          to[i] = static_cast<std::decay_t<decltype(to[i])>>(values[i]);
        }
      },
      tensor.values);
  return {std::move(tensor)};
}

inline wire::Parameters parameters_of(Model model) {
  return encode_parameters(std::make_shared<const Model>(std::move(model)));
}

inline Update update_of(std::vector<double> values, Dtype dtype = Dtype::kFloat64) {
  const Model model = model_of(std::move(values), dtype);
  return *Update::check(parameters_of(model), model);
}

inline std::vector<double> values_of(const Model& model) {
  std::vector<double> values;
  for (const auto& tensor : model) {
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      values.push_back(tensor.at(i));
    }
  }
  return values;
}

}  // namespace marvel::federate::test_models
