#include "federate/strategy/weighted_sum.hpp"

#include "federate/model_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("a weighted sum adds up, over more elements than one block") {
  std::vector<double> ones(5000, 1.0);
  ones[4999] = 3;
  WeightedSum sum;
  sum.reset(test_models::model_of(ones, Dtype::kFloat32));
  sum.add(test_models::update_of(ones, Dtype::kFloat32), 2);
  sum.add(test_models::update_of(ones, Dtype::kFloat32), 0.5);
  CHECK(sum.total() == 2.5);
  const Model model = sum.take();
  CHECK(model[0].at(0) == 2.5);
  CHECK(model[0].at(4999) == 7.5);
}

TEST_CASE("half numbers do not overflow when they are weighted") {
  WeightedSum sum;
  sum.reset(test_models::model_of({0}, Dtype::kFloat16));
  sum.add(test_models::update_of({60000}, Dtype::kFloat16), 100);
  Model model = sum.take();
  transform(model, [](auto x) { return x / 100; });
  CHECK(model[0].at(0) == doctest::Approx(60000).epsilon(0.001));
}

TEST_CASE("a mean says whether its type of number holds it, whichever element does not fit") {
  for (const std::size_t place : {0U, 2047U, 2048U, 4999U}) {
    std::vector<double> values(5000, 1.0);
    values[place] = 60000;
    WeightedSum sum;
    sum.reset(test_models::model_of(values, Dtype::kFloat16));
    sum.add(test_models::update_of(values, Dtype::kFloat16), 1);
    CHECK(sum.take_mean().finite);
    sum.reset(test_models::model_of(values, Dtype::kFloat16));
    sum.add(test_models::update_of(values, Dtype::kFloat16), 1);
    sum.add(test_models::update_of(std::vector<double>(5000, 1.0), Dtype::kFloat16), -0.5);
    const auto mean = sum.take_mean();  // 119999
    CHECK_FALSE(mean.finite);
    CHECK(all_finite(mean.model) == mean.finite);
  }
}

TEST_CASE("whole numbers are whole again after a mean") {
  Model model = test_models::model_of({2.6, -0.4}, Dtype::kInt64);
  round_integers(model);
  CHECK(test_models::values_of(model) == std::vector<double>{3, 0});
}

}  // namespace marvel::federate
