#include "federate/strategy/update.hpp"

#include "federate/model_builder.hpp"

#include <array>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {

using test_models::model_of;
using test_models::parameters_of;

TEST_CASE("an update that does not fit is refused, and its tensor named") {
  const Model global{model_of({1, 2})[0], model_of({1, 2, 3}, Dtype::kInt64)[0]};
  const auto message = [&](const Model& model) {
    const auto update = Update::check(parameters_of(model), global);
    REQUIRE_FALSE(update.has_value());
    CHECK(update.error().code == Errc::kInput);
    return update.error().message;
  };
  CHECK(message({global[0]}) == "the model has 1 tensors instead of 2");
  CHECK(message({global[0], model_of({1, 2}, Dtype::kInt64)[0]}) ==
        "tensor 1 has shape (2,) instead of (3,)");
  CHECK(message({global[0], model_of({1, 2, 3})[0]}) == "tensor 1 is float64 instead of int64");
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    CHECK(message({model_of({1, bad})[0], global[1]}) == "tensor 0 holds NaN or infinite values");
  }
  wire::Parameters damaged = parameters_of(global);
  damaged.tensors[1] = Bytes::from("x");
  CHECK(Update::check(damaged, global).error().message.starts_with("tensor 1: not a .npy array"));
}

TEST_CASE("another width of the same kind is converted") {
  const auto update = Update::check(parameters_of(model_of({1.5, -2}, Dtype::kFloat16)),
                                    model_of({0, 0}, Dtype::kFloat32));
  REQUIRE(update.has_value());
  std::array<float, 2> values{};
  update->read(0, 0, std::span<float>(values));
  CHECK(values == std::array<float, 2>{1.5F, -2.0F});
}

TEST_CASE("the distance to a model is over all tensors, of whatever length") {
  const std::vector<double> ones(5000, 1);
  const Model model{model_of(std::vector<double>(5000, 0))[0], model_of({1, 2})[0]};
  const auto update = Update::check(parameters_of({model_of(ones)[0], model_of({4, 6})[0]}), model);
  REQUIRE(update.has_value());
  CHECK(squared_distance(*update, model) == 5000 + 9 + 16);
}

TEST_CASE("a model offered by a client is read, unless it holds NaN") {
  CHECK(decode_parameters(parameters_of(model_of({3, 4})))->at(0).at(1) == 4);
  CHECK_FALSE(decode_parameters(parameters_of(model_of({std::numeric_limits<double>::quiet_NaN()})))
                  .has_value());
}

TEST_CASE("a value that the model's type cannot hold is refused, though its own type can") {
  const auto huge = test_models::parameters_of(test_models::model_of({1e300}));
  const auto refused = Update::check(huge, test_models::model_of({0}, Dtype::kFloat32));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "tensor 0 holds NaN or infinite values");
  CHECK(Update::check(huge, test_models::model_of({0})).has_value());
}

TEST_CASE("numbers that a sum of many could not hold are refused") {
  constexpr double kMost = std::numeric_limits<float>::max();
  const Model global = model_of({0, 0}, Dtype::kFloat32);
  const auto update = Update::check(parameters_of(model_of({3, -kMost}, Dtype::kFloat32)), global);
  REQUIRE(update.has_value());
  CHECK(update->largest(0) == kMost);
  CHECK_FALSE(check_summable(*update, global, 1).has_value());
  CHECK(check_summable(*update, global, 1e-7).has_value());
  CHECK(check_summable(*update, model_of({0, 0}), 1e15).has_value());  // summed up as float64
  CHECK_FALSE(check_squarable(*update, global).has_value());
  const auto fine = Update::check(parameters_of(model_of({1e18, -2}, Dtype::kFloat32)), global);
  CHECK(check_squarable(*fine, global).has_value());
  CHECK(check_summable(*fine, global, 1e6).has_value());
}

TEST_CASE("a model of float16 takes no number beyond its own") {
  const Model global = model_of({0}, Dtype::kFloat16);
  CHECK(Update::check(parameters_of(model_of({65504})), global).has_value());
  CHECK_FALSE(Update::check(parameters_of(model_of({65505})), global).has_value());
}

}  // namespace marvel::federate
