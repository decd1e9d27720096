// What a client refuses in a secure sum; whole sums are in server/coordinator_secure_test.cpp.
#include "federate/client/conversation.hpp"
#include "federate/model_builder.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::parameters_of;

struct FakeTrainer : Trainer {
  Result<Model> initial() override { return model_of({1}); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    ++trained;
    return Trained{global, 10, {}};
  }
  Result<Evaluated> evaluate(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Evaluated{};
  }
  int trained = 0;
};

struct Talk {
  wire::FitResult ask(const std::string& stage, const std::string& data = "",
                      const std::string& session = "s") {
    wire::Fit fit;
    fit.config = {{secure::kSessionSetting, session},
                  {secure::kStageSetting, stage},
                  {secure::kDataEntry, wire::Blob{data}}};
    fit.parameters = stage == "masked" ? parameters_of(model_of({0})) : wire::Parameters{};
    const auto answer = talk.answer(fit);
    REQUIRE(answer.has_value());
    return std::get<wire::FitResult>(*answer);
  }
  FakeTrainer trainer;
  Conversation talk{trainer, "7"};
};

}  // namespace

TEST_CASE("a client that wants secure sums only gives its update to no other server") {
  Talk talk;
  talk.talk.demand_secure(true);
  const wire::Fit plain{parameters_of(model_of({0, 0})), {}};
  CHECK(talk.talk.answer(plain).error().code == Errc::kDenied);
  CHECK(talk.trainer.trained == 0);
}

TEST_CASE("a sum begins with keys, which are the same when asked again and new for another sum") {
  Talk talk;
  const auto keys = talk.ask("keys").metrics;
  CHECK(talk.ask("keys").metrics == keys);
  CHECK_FALSE(talk.ask("keys", "", "other").metrics.at(secure::kDataEntry) ==
              keys.at(secure::kDataEntry));
  CHECK(talk.ask("shares", "").outcome.code != 0);  // of "s", which is forgotten
}

TEST_CASE("stages out of order, unknown ones and damaged data end its part, not the client") {
  for (const char* stage : {"shares", "masked", "unmask", "other", ""}) {
    CAPTURE(stage);
    Talk talk;
    CHECK(talk.ask(stage).outcome.message == "it has no part in this secure sum");
    CHECK(talk.ask("keys").outcome.code == 0);
    CHECK(talk.ask(stage).outcome.code != 0);
    CHECK(talk.ask(stage).outcome.message == "it has no part in this secure sum");
    CHECK(talk.ask("keys").outcome.code == 0);
  }
}

}  // namespace marvel::federate
