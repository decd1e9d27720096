#include "federate/server/central_evaluation.hpp"

#include "federate/model_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

struct FixedTrainer : Trainer {
  Result<Model> initial() override { return Model(); }
  Result<Trained> train(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Trained();
  }
  Result<Evaluated> evaluate(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Evaluated{0.5, 100, {{"accuracy", 0.75}}};
  }
};

Model dense(const std::vector<std::uint64_t>& units) {
  Model model;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1], units[l]}));
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1]}));
  }
  return model;
}

Model gated(const std::vector<std::uint64_t>& units) {
  Model model;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1], units[l]}));
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1]}));
    model.push_back(make_tensor(Dtype::kFloat32, {units[l]}));
  }
  return model;
}

// Remembers what it was to make.
CentralEvaluator evaluator_for(std::vector<int> layers, TrainerOptions& made) {
  TrainerOptions options;
  options.data = "somewhere";
  options.layers = std::move(layers);
  return {options, [&made](const TrainerOptions& wanted) {
            made = wanted;
            return Result<std::unique_ptr<Trainer>>(std::make_unique<FixedTrainer>());
          }};
}

}  // namespace

TEST_CASE("a perceptron is known by its tensors, with and without gates") {
  const auto plain = network_shape(dense({784, 300, 10}));
  REQUIRE(plain.has_value());
  CHECK(plain->model == "mlp");
  CHECK(plain->layers == std::vector<int>{784, 300, 10});
  const auto with_gates = network_shape(gated({5, 4, 3, 2}));
  REQUIRE(with_gates.has_value());
  CHECK(with_gates->model == "l0mlp");
  CHECK(with_gates->layers == std::vector<int>{5, 4, 3, 2});
  CHECK_FALSE(network_shape({}).has_value());
  CHECK_FALSE(network_shape(test_models::model_of({1, 2})).has_value());
  Model broken = dense({5, 4, 3});
  broken[2] = make_tensor(Dtype::kFloat32, {3, 9});
  CHECK_FALSE(network_shape(broken).has_value());
}

TEST_CASE("the server measures the network that the first model shows") {
  TrainerOptions made;
  auto evaluator = evaluator_for({}, made);
  REQUIRE(evaluator.prepare(gated({5, 4, 2})).has_value());
  CHECK(made.model == "l0mlp");
  CHECK(made.layers == std::vector<int>{5, 4, 2});
  CHECK(made.data == "somewhere");
  const auto report = evaluator.evaluate(gated({5, 4, 2}));
  REQUIRE(report.has_value());
  CHECK(report->examples == 100);
  CHECK(report->accuracy == 0.75);
}

TEST_CASE("other layers than asked for, and other kinds of model, are refused before any work") {
  TrainerOptions made;
  auto evaluator = evaluator_for({784, 10}, made);
  CHECK(evaluator.prepare(dense({784, 10})).has_value());
  const auto other = evaluator.prepare(dense({784, 300, 10}));
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == Errc::kInput);
  CHECK(other.error().message == "the model has the layers 784,300,10, not 784,10 as in --layers");
  CHECK(evaluator.prepare(test_models::model_of({1, 2})).error().code == Errc::kInput);
}

}  // namespace marvel::federate
