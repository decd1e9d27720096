#include "federate/simulate/samples.hpp"

#include <set>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("made-up data are the same for a seed, and others for another") {
  const SimulatedData a = made_up_data(500, 7);
  const SimulatedData b = made_up_data(500, 7);
  const SimulatedData c = made_up_data(500, 8);
  CHECK(a.train.values == b.train.values);
  CHECK(a.train.labels == b.train.labels);
  CHECK(a.test.values == b.test.values);
  CHECK(a.train.values != c.train.values);
  CHECK(a.train.size() == 500);
  CHECK(a.test.size() == 100);
  CHECK(a.train.values.size() == 500 * a.train.features);
  const std::set<std::uint8_t> labels(a.train.labels.begin(), a.train.labels.end());
  CHECK(labels.size() == a.classes);
  CHECK(*labels.rbegin() == a.classes - 1);
}

TEST_CASE("training and test data are different points of the same clouds") {
  const SimulatedData data = made_up_data(1000, 1);
  CHECK(std::vector<float>(data.train.values.begin(), data.train.values.begin() + 20) !=
        std::vector<float>(data.test.values.begin(), data.test.values.begin() + 20));
}

TEST_CASE("a data set that is not there is told") {
  CHECK(image_data("/nowhere/at/all").error().code == Errc::kInput);
}

}  // namespace marvel::federate
