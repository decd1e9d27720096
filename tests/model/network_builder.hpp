#pragma once

#include "base/random.hpp"
#include "data/dataset.hpp"
#include "model/gated_mlp.hpp"

#include <vector>

namespace marvel::test {

// Random images of `rows` x `columns` with labels below `classes`.
inline data::ImageSet random_images(std::size_t count, int rows, int columns, int classes,
                                    std::uint64_t seed) {
  data::ImageSet set;
  set.rows = rows;
  set.columns = columns;
  CounterRng rng(seed);
  for (std::size_t n = 0; n < count; ++n) {
    set.labels.push_back(static_cast<std::uint8_t>(rng.below(static_cast<std::uint32_t>(classes))));
    for (int i = 0; i < rows * columns; ++i) {
      set.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
    }
  }
  return set;
}

inline std::vector<std::uint32_t> first_samples(std::size_t count) {
  std::vector<std::uint32_t> samples(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    samples[i] = i;
  }
  return samples;
}

// A network whose gates are spread from nearly closed to fully open.
inline model::GatedMlp spread_network(const std::vector<int>& widths, std::uint64_t seed) {
  const std::vector<double> drop_rates(widths.size() - 1, 0.5);
  auto net = model::GatedMlp::make(widths, drop_rates, seed);
  for (auto& layer : net.layers) {
    layer.log_alpha =
        model::Parameter::from(torch::linspace(-3.5, 3.5, layer.in(), torch::kFloat32));
    layer.bias = model::Parameter::from(torch::linspace(-0.3, 0.3, layer.out(), torch::kFloat32));
  }
  return net;
}

}  // namespace marvel::test
