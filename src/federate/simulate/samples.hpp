#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace marvel::federate {

// Samples of a simulation, ready for a network: one row of features per sample. Both vectors are
// filled together; labels are below SimulatedData::classes.
struct SampleSet {
  std::size_t features = 0;
  std::vector<float> values;  // size() x features
  std::vector<std::uint8_t> labels;

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  // The features of `sample` < size(); valid as long as the set is not changed.
  [[nodiscard]] std::span<const float> row(std::size_t sample) const {
    return std::span(values).subspan(sample * features, features);
  }
};

// Made once, then shared by all clients of a run, who only read it.
struct SimulatedData {
  SampleSet train;
  SampleSet test;
  std::size_t classes = 0;
};

// Ten clouds of points in 20 dimensions, normal around normal centres, so that a linear model gets
// most of them and none gets all: a pure function of its arguments. A fifth as many for testing,
// and one at least. Labels are drawn too, so classes are only about equal in size.
SimulatedData made_up_data(std::size_t train_samples, std::uint64_t seed);

// Images of a data set of marvel compress train, with pixels in [0, 1]. Errors of load_dataset.
// Takes four bytes per pixel, 188 MB for the 60,000 training images of MNIST. `classes` is one more
// than the largest label.
Result<SimulatedData> image_data(const std::string& name_or_folder);

}  // namespace marvel::federate
