#include "federate/secure/fixed_point.hpp"

#include "federate/model_builder.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate::secure {

using test_models::model_of;
using test_models::values_of;

TEST_CASE("a sum of fixed-point updates is the weighted mean, to half a step") {
  const Model global = model_of({1, -2, 0});
  const std::vector<Model> trained{model_of({1.5, -2.25, 0.1}), model_of({0.5, 3, -0.3})};
  const std::vector<std::int64_t> weights{1, 3};
  std::vector<std::uint64_t> sum(4);
  for (std::size_t k = 0; k < 2; ++k) {
    const auto numbers = to_fixed(trained[k], global, weights[k]);
    REQUIRE(numbers->size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      sum[i] += (*numbers)[i];
    }
  }
  const auto mean = from_fixed(sum, global);
  CHECK(mean->weight == 4);
  const auto values = values_of(mean->model);
  CHECK(std::abs(values[0] - 0.75) <= std::ldexp(1, -25));
  CHECK(std::abs(values[1] - 1.6875) <= std::ldexp(1, -25));
  CHECK(std::abs(values[2] + 0.2) <= std::ldexp(1, -25));
}

TEST_CASE("the largest sums do not wrap") {
  const Model global = model_of({0});
  std::vector<std::uint64_t> sum(2);
  for (int client = 0; client < 255; ++client) {
    const auto numbers = to_fixed(model_of({-kLargestChange}), global, kLargestWeight);
    sum[0] += (*numbers)[0];
    sum[1] += (*numbers)[1];
  }
  CHECK(values_of(from_fixed(sum, global)->model)[0] == -kLargestChange);
}

TEST_CASE("what does not fit is refused") {
  const Model global = model_of({0, 0});
  CHECK_FALSE(to_fixed(model_of({1}), global, 1).has_value());
  CHECK_FALSE(to_fixed({}, global, 1).has_value());
  CHECK_FALSE(to_fixed(model_of({0, 257}), global, 1).has_value());
  CHECK_FALSE(to_fixed(model_of({0, std::nan("")}), global, 1).has_value());
  CHECK_FALSE(to_fixed(global, global, -1).has_value());
  CHECK_FALSE(to_fixed(global, global, kLargestWeight + 1).has_value());
  const std::vector<std::uint64_t> masked{1, 2, std::uint64_t{1} << 63U};
  CHECK(from_fixed(masked, global).error().message == "the masks have not vanished from the sum");
  const std::vector<std::uint64_t> nobody{0, 0, 0};
  CHECK(values_of(from_fixed(nobody, global)->model) == std::vector<double>{0, 0});
}

}  // namespace marvel::federate::secure
