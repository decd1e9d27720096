#include "federate/strategy/server_optimizer.hpp"

#include "federate/model_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("moments that do not fit are refused, fitting ones go on where they stopped") {
  const Model x = test_models::model_of({1, 2});
  const auto step = [&x](ServerOptimizer& optimizer, std::uint64_t round) {
    Model mean = test_models::model_of({2, 1});
    optimizer.step(x, mean, true, round);
    return test_models::values_of(mean);
  };
  OptimizerOptions options;
  options.kind = OptimizerKind::kAdam;
  ServerOptimizer first(options);
  step(first, 1);
  std::vector<Model> moments;
  for (const Model* moment : first.moments()) {
    moments.push_back(*moment);
  }
  ServerOptimizer second(options);
  REQUIRE(second.restore(moments, x).has_value());
  CHECK(step(first, 2) == step(second, 2));

  options.kind = OptimizerKind::kMomentum;
  ServerOptimizer other(options);
  CHECK_FALSE(other.restore(moments, x).has_value());
  moments = {test_models::model_of({1})};
  CHECK_FALSE(other.restore(moments, x).has_value());
}

}  // namespace marvel::federate
