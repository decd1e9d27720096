#include "federate/client/update_store.hpp"

#include "federate/client/conversation.hpp"
#include "federate/model_builder.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::parameters_of;

KeptUpdate kept_of(const std::string& round, double value) {
  return {round, {{0, "Success"}, parameters_of(model_of({value})), 10, {{"loss", 0.5}}}, {}};
}

double value_of(const KeptUpdate& kept) {
  return decode_parameters(kept.update.parameters)->at(0).at(0);
}

struct CountingTrainer : Trainer {
  Result<Model> initial() override { return model_of({1}); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    ++trained;
    return Trained{model_of({global[0].at(0) + 1}), 10, {}};
  }
  Result<Evaluated> evaluate(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Evaluated{};
  }
  int trained = 0;
};

}  // namespace

TEST_CASE("an update is read back as it was kept, per client, and the last one counts") {
  const test::TempDir folder;
  const auto store = *UpdateStore::open(folder.path() / "deep", "edge/../7");
  CHECK(store.path().parent_path() == folder.path() / "deep");
  CHECK_FALSE(store.load()->has_value());
  REQUIRE(store.save(kept_of("r/1", 4)).has_value());
  REQUIRE(store.save(kept_of("r/2", 5)).has_value());
  const auto kept = *store.load();
  REQUIRE(kept.has_value());
  CHECK(kept->round == "r/2");
  CHECK(value_of(*kept) == 5);
  CHECK(kept->update.num_examples == 10);
  CHECK(kept->update.metrics.at("loss") == wire::Scalar(0.5));
  CHECK_FALSE(UpdateStore::open(folder.path() / "deep", "8")->load()->has_value());
  store.clear();
  CHECK_FALSE(store.load()->has_value());
}

TEST_CASE("a kept update that is cut short or changed anywhere is refused") {
  const std::string whole = encode_kept(kept_of("r/1", 4));
  REQUIRE(decode_kept(whole, "x").has_value());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK(decode_kept(whole.substr(0, length), "x").error().code == Errc::kInput);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(decode_kept(changed, "x").error().code == Errc::kInput);
  }
}

TEST_CASE("a client that died answers with its finished update, and trains the next round") {
  const test::TempDir folder;
  test::CaptureLog log;
  const wire::Fit first{parameters_of(model_of({4})),
                        {{"marvel.run", std::string("r")}, {"marvel.round", std::int64_t{1}}}};
  CountingTrainer trainer;
  auto store = *UpdateStore::open(folder.path(), "7");
  {
    Conversation before(trainer, "7");
    before.keep_in(store, log);
    REQUIRE(before.answer(first).has_value());
  }
  Conversation after(trainer, "7");
  after.keep_in(store, log);
  const auto answer = after.answer(first);
  REQUIRE(answer.has_value());
  CHECK(decode_parameters(std::get<wire::FitResult>(*answer).parameters)->at(0).at(0) == 5);
  CHECK(trainer.trained == 1);
  CHECK(after.tally().resent == 1);
  wire::Fit second = first;
  second.config["marvel.round"] = std::int64_t{2};
  REQUIRE(after.answer(second).has_value());
  CHECK(trainer.trained == 2);
  CHECK(after.answer(wire::Reconnect{0}).has_value());
  CHECK_FALSE(store.load()->has_value());
}

TEST_CASE("what encodings have left out is not lost with the process") {
  const test::TempDir folder;
  test::CaptureLog log;
  const auto fit_of_round = [](std::int64_t round) {
    return wire::Fit{parameters_of(model_of({0, 0})),
                     {{"marvel.run", std::string("r")},
                      {"marvel.round", round},
                      {"marvel.encoding", std::string("top-k")},
                      {"marvel.keep", 0.5}}};
  };
  struct Uneven : CountingTrainer {
    Result<Trained> train(const Model& /*global*/, const wire::Config& /*config*/) override {
      return Trained{model_of({3, 2}), 10, {}};
    }
  };
  const auto update_of = [](const Result<wire::ClientMessage>& answer) {
    const auto& encoded = std::get<wire::FitResult>(*answer).parameters;
    return test_models::values_of(
        *decode_parameters(*wire::decode_update(encoded, model_of({0, 0}))));
  };
  Uneven trainer;
  auto store = *UpdateStore::open(folder.path(), "7");
  {
    Conversation before(trainer, "7");
    before.keep_in(store, log);
    CHECK(update_of(before.answer(fit_of_round(1))) == std::vector<double>{3, 0});
  }
  Conversation after(trainer, "7");
  after.keep_in(store, log);
  CHECK(update_of(after.answer(fit_of_round(2))) == std::vector<double>{0, 4});
}

TEST_CASE("a damaged state file costs a training, not the client") {
  const test::TempDir folder;
  test::CaptureLog log;
  auto store = *UpdateStore::open(folder.path(), "7");
  std::filesystem::create_directory(store.path());  // cannot be read, nor replaced
  CountingTrainer trainer;
  Conversation talk(trainer, "7");
  talk.keep_in(store, log);
  const wire::Fit fit{parameters_of(model_of({4})),
                      {{"marvel.run", std::string("r")}, {"marvel.round", std::int64_t{1}}}};
  CHECK(talk.answer(fit).has_value());
  CHECK(trainer.trained == 1);
  CHECK(log.lines.size() == 2);  // on reading and on keeping
}

}  // namespace marvel::federate
