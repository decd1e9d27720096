#include "federate/simulate/light_trainer.hpp"

#include "base/random.hpp"
#include "federate/model_builder.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::vector<std::uint32_t> first(std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

LightTrainer trainer_of(const LightTraining& how, std::uint64_t client = 0) {
  static const auto data = std::make_shared<const SimulatedData>(made_up_data(600, 3));
  return LightTrainer(data, first(data->train.size()), first(data->test.size()), how, client);
}

double accuracy_of(Trainer& trainer, const Model& model) {
  return std::get<double>(trainer.evaluate(model, {}).value().metrics.at("accuracy"));
}

}  // namespace

TEST_CASE("a light trainer learns, with and without a hidden layer") {
  for (const std::size_t hidden : {0, 16}) {
    CAPTURE(hidden);
    LightTraining how;
    how.hidden = hidden;
    how.epochs = 10;
    LightTrainer trainer = trainer_of(how);
    Model model = trainer.initial().value();
    CHECK(model.size() == (hidden == 0 ? 2 : 4));
    const double before = accuracy_of(trainer, model);
    const Trained trained = trainer.train(model, {}).value();
    CHECK(trained.examples == 600);
    CHECK(before < 0.4);
    CHECK(accuracy_of(trainer, trained.model) > 0.8);
  }
}

TEST_CASE("one step of a whole batch follows the slope of the loss, measured by differences") {
  LightTraining how;
  how.hidden = 5;
  how.batch_size = 1000;  // all samples: one step
  how.lr = 1e-2F;
  LightTrainer trainer = trainer_of(how);
  const Model start = trainer.initial().value();
  const Trained step = trainer.train(start, {}).value();
  // The training loss of a model: what a step of no length tells.
  const auto loss = [&](const Model& model) {
    LightTraining still = how;
    still.lr = 1e-12F;
    LightTrainer judge = trainer_of(still);
    return std::get<double>(judge.train(model, {}).value().metrics.at("loss"));
  };
  CounterRng random(5);
  for (int i = 0; i < 40; ++i) {
    const std::size_t t = random.below(static_cast<std::uint32_t>(start.size()));
    const std::size_t at = random.below(static_cast<std::uint32_t>(start[t].size()));
    constexpr float kStep = 1e-2F;
    Model up = start;
    Model down = start;
    std::get<std::vector<float>>(up[t].values)[at] += kStep;
    std::get<std::vector<float>>(down[t].values)[at] -= kStep;
    const double slope = (loss(up) - loss(down)) / (2 * static_cast<double>(kStep));
    const double moved = (start[t].at(at) - step.model[t].at(at)) / static_cast<double>(how.lr);
    CAPTURE(t);
    CAPTURE(at);
    CHECK(moved == doctest::Approx(slope).epsilon(0.05).scale(0.02));
  }
}

TEST_CASE("training is a pure function of seed, client, round and model") {
  LightTraining how;
  LightTrainer a = trainer_of(how, 1);
  LightTrainer b = trainer_of(how, 2);
  const Model start = a.initial().value();
  const auto trained = [&start](LightTrainer& trainer, std::int64_t round) {
    return test_models::values_of(trainer.train(start, {{"marvel.round", round}}).value().model);
  };
  const auto first_time = trained(a, 1);
  CHECK(trained(a, 1) == first_time);
  CHECK(trained(a, 2) != first_time);
  CHECK(trained(b, 1) != first_time);
  CHECK(test_models::values_of(b.initial().value()) == test_models::values_of(start));
}

TEST_CASE("FedProx pulls towards the model that came") {
  LightTraining how;
  how.epochs = 5;
  LightTrainer trainer = trainer_of(how);
  const Model start = trainer.initial().value();
  const auto distance = [&](double mu) {
    const auto from = test_models::values_of(start);
    const auto to =
        test_models::values_of(trainer.train(start, {{"proximal_mu", mu}}).value().model);
    double sum = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      sum += (to[i] - from[i]) * (to[i] - from[i]);
    }
    return std::sqrt(sum);
  };
  CHECK(distance(2.0) < 0.7 * distance(0));
}

TEST_CASE("models of another shape are refused, and a loss that is none ends the work") {
  LightTraining how;
  LightTrainer trainer = trainer_of(how);
  CHECK(trainer.train(test_models::model_of({1, 2}), {}).error().code == Errc::kInput);
  CHECK(trainer.evaluate({}, {}).error().code == Errc::kInput);
  how.lr = 1e30F;
  LightTrainer wild = trainer_of(how);
  CHECK(wild.train(wild.initial().value(), {}).error().code == Errc::kFailed);
}

}  // namespace marvel::federate
