#include "federate/client/conversation.hpp"

#include "federate/model_builder.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::parameters_of;

// Adds one to every parameter.
struct FakeTrainer : Trainer {
  Result<Model> initial() override { return model_of({1}); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    ++trained;
    return Trained{model_of({global[0].at(0) + 1}), 10, {{"loss", 0.5}}};
  }
  Result<Evaluated> evaluate(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Evaluated{0.25, 5, {}};
  }
  int trained = 0;
};

// Adds `step`.
struct StepTrainer : FakeTrainer {
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    return Trained{model_of({global[0].at(0) + step.at(0), global[0].at(1) + step.at(1)}), 10, {}};
  }
  std::vector<double> step{3, 2};
};

// Asks for the larger one of two changes.
wire::Fit sparse_fit(const std::string& run, std::int64_t round) {
  return {parameters_of(model_of({0, 0})),
          {{"marvel.run", run},
           {"marvel.round", round},
           {"marvel.encoding", std::string("top-k")},
           {"marvel.keep", 0.5}}};
}

std::vector<double> change_of(const Result<wire::ClientMessage>& answer) {
  REQUIRE(answer.has_value());
  const auto& encoded = std::get<wire::FitResult>(*answer).parameters;
  return test_models::values_of(
      *decode_parameters(*wire::decode_update(encoded, model_of({0, 0}))));
}

wire::Fit fit_of(const std::string& run, std::int64_t round) {
  return {parameters_of(model_of({4})), {{"marvel.run", run}, {"marvel.round", round}}};
}

}  // namespace

TEST_CASE("an update asked for again is sent again without another training") {
  FakeTrainer trainer;
  Conversation talk(trainer, "7");
  for (int i = 0; i < 2; ++i) {
    const auto answer = talk.answer(fit_of("r", 1));
    REQUIRE(answer.has_value());
    const auto& result = std::get<wire::FitResult>(*answer);
    CHECK(decode_parameters(result.parameters)->at(0).at(0) == 5);
    CHECK(result.metrics.at("cid") == wire::Scalar(std::int64_t{7}));
    CHECK(result.metrics.at("loss") == wire::Scalar(0.5));
  }
  CHECK(trainer.trained == 1);
  CHECK(talk.tally().resent == 1);
  CHECK(talk.answer(fit_of("r", 2)).has_value());
  CHECK(talk.answer(fit_of("other", 2)).has_value());
  CHECK(trainer.trained == 3);
}

TEST_CASE(
    "asked for the size first, the client tells it, keeps the update and sends it when asked") {
  FakeTrainer trainer;
  Conversation talk(trainer, "7");
  auto order = fit_of("r", 1);
  order.config["marvel.report"] = std::string("norm");
  for (int i = 0; i < 2; ++i) {  // twice, as after a broken link
    const auto answer = talk.answer(order);
    const auto& told = std::get<wire::FitResult>(*answer);
    CHECK(told.parameters.tensors.empty());
    CHECK(told.metrics.at("update_norm") == wire::Scalar(1.0));
    CHECK(told.metrics.at("loss") == wire::Scalar(0.5));
    CHECK(told.num_examples == 10);
  }
  wire::Fit upload{{}, order.config};
  upload.config.erase("marvel.report");
  upload.config["marvel.upload"] = std::int64_t{1};
  const auto sent = talk.answer(upload);
  CHECK(decode_parameters(std::get<wire::FitResult>(*sent).parameters)->at(0).at(0) == 5);
  CHECK(trainer.trained == 1);
  CHECK(talk.tally().resent == 0);
  upload.config["marvel.round"] = std::int64_t{9};
  const auto refused = talk.answer(upload);
  CHECK(std::get<wire::FitResult>(*refused).outcome.code != 0);
  // A server that does not name its rounds could not ask again: it gets the update at once.
  order.config.erase("marvel.run");
  const auto whole = talk.answer(order);
  CHECK_FALSE(std::get<wire::FitResult>(*whole).parameters.tensors.empty());
}

TEST_CASE("a server that does not name its rounds is never answered from memory") {
  FakeTrainer trainer;
  Conversation talk(trainer, "7");
  CHECK(talk.answer(wire::Fit{parameters_of(model_of({4})), {}}).has_value());
  CHECK(talk.answer(wire::Fit{parameters_of(model_of({4})), {}}).has_value());
  CHECK(trainer.trained == 2);
}

TEST_CASE("every question of a server is answered") {
  FakeTrainer trainer;
  Conversation talk(trainer, "edge-1");
  CHECK(
      std::get<wire::PropertiesResult>(*talk.answer(wire::GetProperties{})).properties.at("cid") ==
      wire::Scalar(std::string("edge-1")));
  CHECK(std::get<wire::ParametersResult>(*talk.answer(wire::GetParameters{}))
            .parameters.tensors.size() == 1);
  const auto evaluated = talk.answer(wire::Evaluate{parameters_of(model_of({4})), {}});
  CHECK(std::get<wire::EvaluateResult>(*evaluated).loss == 0.25F);
  CHECK(talk.answer(wire::Reconnect{5}).has_value());
  CHECK_FALSE(talk.ended());
  CHECK(talk.take_pause() == 5);
  CHECK(talk.answer(wire::Reconnect{0}).has_value());
  CHECK(talk.ended());
}

TEST_CASE("a damaged model is refused, not trained") {
  FakeTrainer trainer;
  Conversation talk(trainer, "1");
  wire::Fit fit = fit_of("r", 1);
  fit.parameters.tensors[0] = Bytes::from("x");
  CHECK(talk.answer(fit).error().code == Errc::kInput);
  CHECK(trainer.trained == 0);
}

TEST_CASE("what an encoding has left out in one run does not come into another") {
  for (const bool dies : {false, true}) {
    const test::TempDir folder;
    test::CaptureLog log;
    auto store = *UpdateStore::open(folder.path(), "7");
    StepTrainer trainer;
    Conversation first(trainer, "7");
    first.keep_in(store, log);
    CHECK(change_of(first.answer(sparse_fit("run-a", 1))) == std::vector<double>{3, 0});
    Conversation second(trainer, "7");
    second.keep_in(store, log);
    Conversation& talk = dies ? second : first;
    trainer.step = {0, 0};
    CHECK(change_of(talk.answer(sparse_fit("run-b", 1))) == std::vector<double>{0, 0});
    trainer.step = {3, 2};
    CHECK(change_of(talk.answer(sparse_fit("run-b", 2))) == std::vector<double>{3, 0});
    CHECK(change_of(talk.answer(sparse_fit("run-b", 3))) == std::vector<double>{0, 4});
  }
}

TEST_CASE("an update is not handed over under other privacy settings than it was made with") {
  const test::TempDir folder;
  test::CaptureLog log;
  auto store = *UpdateStore::open(folder.path(), "7");
  FakeTrainer trainer;
  auto order = fit_of("r", 1);
  order.config["marvel.dp.clip"] = 0.25;
  {
    Conversation before(trainer, "7");
    before.keep_in(store, log);
    REQUIRE(before.answer(order).has_value());
  }
  Conversation talk(trainer, "7");
  talk.keep_in(store, log);
  auto noisier = order;
  noisier.config["marvel.dp.noise"] = 1.0;
  for (const auto& other : {noisier, fit_of("r", 1)}) {
    const auto refused = talk.answer(other);
    REQUIRE(refused.has_value());
    const auto& result = std::get<wire::FitResult>(*refused);
    CHECK(result.outcome.code != 0);
    CHECK(result.parameters.tensors.empty());
  }
  const auto again = talk.answer(order);
  CHECK(std::get<wire::FitResult>(*again).outcome.code == 0);
  CHECK(trainer.trained == 1);
  noisier.config["marvel.round"] = std::int64_t{2};
  const auto next = talk.answer(noisier);
  CHECK(std::get<wire::FitResult>(*next).metrics.at("marvel.dp.noise") == wire::Scalar(1.0));
  CHECK(trainer.trained == 2);
}

TEST_CASE("a client clips its update before it leaves, and says so") {
  FakeTrainer trainer;
  Conversation talk(trainer, "7");
  auto order = fit_of("r", 1);
  order.config["marvel.dp.clip"] = 0.25;
  const auto answer = talk.answer(order);
  REQUIRE(answer.has_value());
  const auto& result = std::get<wire::FitResult>(*answer);
  CHECK(decode_parameters(result.parameters)->at(0).at(0) == doctest::Approx(4.25));
  CHECK(result.metrics.at("marvel.dp") == wire::Scalar(true));
  order = fit_of("r", 2);
  order.config["marvel.dp.clip"] = -1.0;
  CHECK(talk.answer(order).error().code == Errc::kInput);
}

}  // namespace marvel::federate
