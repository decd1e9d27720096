#include "federate/strategy/gated_model.hpp"

#include "federate/model_builder.hpp"
#include "federate/strategy/gated_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

using test_models::gated_model;

TEST_CASE("the layout of a gated model is read from its shapes") {
  const auto layout = gated_layout(gated_model({4, 3}, 2));
  REQUIRE(layout.has_value());
  CHECK(layout->inputs == std::vector<std::size_t>{4, 3});
  CHECK(layout->outputs == 2);
  CHECK(layout->gates() == 7);
  CHECK(layout->parameters() == 4 * 3 + 3 + 3 * 2 + 2);
}

TEST_CASE("models of another kind are refused") {
  CHECK_FALSE(gated_layout(test_models::model_of({1, 2})).has_value());
  Model chain = gated_model({4, 3}, 2);
  chain[3] = make_tensor(Dtype::kFloat32, {2, 4});
  CHECK(gated_layout(chain).error().message ==
        "this is no model with gates: tensors 3 to 5 are no layer");
  CHECK_FALSE(gated_layout({}).has_value());
}

TEST_CASE("a unit leaves with its row, its column, its bias and its gate") {
  const Model model = gated_model({3, 2}, 1);
  const Model kept = keep_positions(model, {{0, 2}, {1}});
  CHECK(kept[0].shape == Shape{1, 2});
  CHECK(kept[0].at(0) == doctest::Approx(0.03));
  CHECK(kept[0].at(1) == doctest::Approx(0.05));
  CHECK(kept[1].at(0) == doctest::Approx(1.01));
  CHECK(kept[2].at(1) == doctest::Approx(2.02));
  CHECK(kept[3].shape == Shape{1, 1});
  CHECK(kept[3].at(0) == doctest::Approx(3.01));
  CHECK(kept[4].at(0) == doctest::Approx(4));
  CHECK(kept[5].at(0) == doctest::Approx(5.01));
}

TEST_CASE("spread and kept again a model is the same, and zero elsewhere") {
  const Positions kept{{0, 2}, {1}};
  const Model small = keep_positions(gated_model({3, 2}, 1, 1), kept);
  const Model full = spread_positions(small, kept, *gated_layout(gated_model({3, 2}, 1)));
  CHECK(full[0].shape == Shape{2, 3});
  CHECK(full[0].at(0) == 0);
  CHECK(full[0].at(4) == 0);
  const Model again = keep_positions(full, kept);
  CHECK(test_models::values_of(again) == test_models::values_of(small));
}

}  // namespace marvel::federate
