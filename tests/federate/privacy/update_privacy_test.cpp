#include "federate/privacy/update_privacy.hpp"

#include "federate/model_builder.hpp"
#include "federate/privacy/fake_random.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::update_of;
using test_models::values_of;

Model two_tensors(double a, double b) {
  Model model = model_of({a});
  model.push_back(model_of({b})[0]);
  return model;
}

}  // namespace

TEST_CASE("an update is clipped to its length over all tensors, and a short one is left alone") {
  test_privacy::SeededRandom random(1);
  Model model = two_tensors(1 + 3, 2 + 4);  // 5 long
  REQUIRE(make_private(model, two_tensors(1, 2), {2.5, 0}, random).has_value());
  CHECK(values_of(model)[0] == doctest::Approx(2.5));
  CHECK(values_of(model)[1] == doctest::Approx(4));
  model = two_tensors(4, 6);
  REQUIRE(make_private(model, two_tensors(1, 2), {5.001, 0}, random).has_value());
  CHECK(values_of(model) == std::vector<double>{4, 6});
}

TEST_CASE("noise comes on top of the clip, on a grid") {
  test_privacy::SeededRandom random(2);
  const Model global = model_of(std::vector<double>(20000, 0));
  Model model = model_of(std::vector<double>(20000, 1));
  REQUIRE(make_private(model, global, {1, 0.5}, random).has_value());
  const double step = snap_step(0.5);
  double squares = 0;
  for (const double value : values_of(model)) {
    squares += value * value;
    CHECK(std::nearbyint(value / step) * step == value);
  }
  CHECK(squares / 20000 == doctest::Approx(0.25).epsilon(0.05));
}

TEST_CASE("the length of an update in its message is that of the difference") {
  CHECK(update_length(update_of({4, 6}), model_of({1, 2})) == doctest::Approx(5));
  CHECK(clip_factor(5, 2.5) == 0.5);
  CHECK(clip_factor(2, 2.5) == 1);
}

TEST_CASE("settings are read, and ones that cannot be obeyed are refused") {
  CHECK_FALSE(update_rules({{"epochs", std::int64_t{1}}})->has_value());
  const auto rules = update_rules({{kClipSetting, 2.0}, {kNoiseSetting, 3.0}});
  REQUIRE(rules.has_value());
  CHECK((*rules)->clip == 2);
  CHECK((*rules)->deviation == 3);
  CHECK_FALSE(update_rules({{kClipSetting, 0.0}}).has_value());
  CHECK_FALSE(update_rules({{kClipSetting, std::string("2")}}).has_value());
  CHECK_FALSE(update_rules({{kClipSetting, 1.0}, {kNoiseSetting, -1.0}}).has_value());
}

TEST_CASE("a trainer that changes shapes cannot be clipped") {
  test_privacy::SeededRandom random(1);
  Model model = model_of({1, 2, 3});
  CHECK(make_private(model, model_of({1, 2}), {1, 0}, random).error().code == Errc::kInput);
}

}  // namespace marvel::federate
