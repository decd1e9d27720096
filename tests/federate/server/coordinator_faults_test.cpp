// Rounds that something goes wrong in: silent clients, bad names, ends before the last round.
#include "federate/server/checkpoint.hpp"
#include "federate/server/fixture.hpp"
#include "federate/strategy/gated_builder.hpp"
#include "support/temp_dir.hpp"

#include <fstream>
#include <limits>
#include <new>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;
using test_models::gated_model;
using test_models::model_of;
using test_models::parameters_of;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct DiskJournal : Journal {
  explicit DiskJournal(const std::filesystem::path& folder) : checkpoint(folder, "fedavg") {}
  Status save(const RunState& state, const std::vector<const Model*>& moments) override {
    return checkpoint.save(state, moments);
  }
  Status note(const RunState& state, const std::vector<const Model*>& moments) override {
    return checkpoint.note(state, moments.size());
  }
  void report(const RoundReport& /*report*/) override {}
  Checkpoint checkpoint;
};

// Rules of a run that ends by its second evaluation.
RoundRules short_rules(bool by_accuracy) {
  auto rules = rules_of(9, 1);
  rules.evaluate = true;
  rules.stop_after = by_accuracy ? 0 : 1;
  rules.target_accuracy = by_accuracy ? std::optional(0.9) : std::nullopt;
  return rules;
}

}  // namespace

TEST_CASE("a name that is no UTF-8, too long or holds control characters is not taken") {
  const test::TempDir folder;
  DiskJournal journal(folder.path());
  REQUIRE(journal.checkpoint.prepare(false).has_value());
  const auto strategy = make_strategy({});
  test::CaptureLog log;
  Coordinator coordinator(rules_of(4, 1), *strategy, journal, log);
  RunState state;
  state.run = "r";
  state.model = std::make_shared<const Model>(model_of({0}));
  REQUIRE(coordinator.start(std::move(state)).has_value());
  coordinator.join(1, {std::string(300, 'x'), "peer-1", wire::Dialect::kModern}, Time(0));
  for (const char* cid : {"\xff\xfe", "a\nb", "a\u009b2J", "a\u202eb"}) {
    const wire::FitResult result{{}, parameters_of(model_of({1})), 1, {{"cid", std::string(cid)}}};
    coordinator.receive(1, result, 100, Time(0));
  }
  CHECK(coordinator.done());
  CHECK_FALSE(coordinator.failure().has_value());
  const auto saved = journal.checkpoint.load();
  REQUIRE(saved.has_value());
  CHECK((*saved)->round == 4);
  CHECK((*saved)->histories.contains("peer-1"));
}

TEST_CASE("a refused update does not leave a round that cannot end") {
  Hall hall(rules_of(1, 2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {2, 2});
  hall.fit(b, {kNan, 1});
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{2, 2});
}

TEST_CASE("an explicit quorum is kept, and that nobody is left to ask is said") {
  Hall hall(strict_rules(2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {2, 2});
  hall.leave(b);
  hall.pass(Time(5000));
  CHECK(hall.round() == 0);
  CHECK(hall.log.lines.back().second ==
        "round 1: 1 of 2 answers that it needs, and nobody is left to ask");
  const auto lines = hall.log.lines.size();
  hall.pass(Time(59999));
  CHECK(hall.log.lines.size() == lines);
  hall.pass(Time(1));
  CHECK(hall.log.lines.size() == lines + 1);
  const auto c = hall.join("c");
  hall.fit(c, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("a client that hangs does not hold up the next round") {
  auto rules = rules_of(2, 2);
  rules.min_results = 1;
  rules.deadline = Time(1000);
  Hall hall(rules);
  const auto a = hall.join("a");
  hall.join("b");
  hall.fit(a, {2, 2});
  hall.pass(Time(1000));
  REQUIRE(hall.round() == 1);
  hall.fit(a, {4, 4});
  hall.pass(Time(1000));
  CHECK(hall.round() == 2);
}

TEST_CASE("a client that was given up and comes back in the same round is not lost") {
  Hall hall(strict_rules(2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(b, {4, 4});
  hall.leave(a);
  hall.pass(Time(6000));
  const auto again = hall.join("a");
  REQUIRE(hall.has<wire::Fit>(again));
  hall.fit(again, {2, 2});
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("one that is silent when asked for the initial model is passed over, and may come late") {
  auto rules = rules_of(1, 2);
  rules.deadline = Time(1000);
  Hall hall(rules, false);
  const auto [a, b] = hall.join_all("a", "b");
  REQUIRE(hall.has<wire::GetParameters>(a));
  CHECK(hall.coordinator.wake_at() == Time(1000));
  hall.pass(Time(1000));
  REQUIRE(hall.has<wire::GetParameters>(b));
  hall.say(a, wire::ParametersResult{{}, parameters_of(model_of({1, 2}))});
  CHECK(hall.model() == std::vector<double>{1, 2});
  hall.say(b, wire::ParametersResult{{}, parameters_of(model_of({5, 6}))});
  CHECK(hall.model() == std::vector<double>{1, 2});
}

TEST_CASE("a thousand clients behind one address join without delay and each has a name") {
  Hall hall(rules_of(1, 2000));
  for (int i = 0; i < 1000; ++i) {
    hall.join("");
  }
  CHECK(hall.coordinator.sessions() == 1000);
  CHECK(hall.coordinator.state().histories.contains("ipv4:1.2.3.4#1000"));
}

TEST_CASE("of clients that come and go without being asked nothing is kept") {
  auto rules = rules_of(9, 2);
  rules.evaluate = true;
  Hall hall(rules);
  const auto [a, b] = hall.join_all("a", "b");  // both are asked
  for (int i = 0; i < 100; ++i) {
    hall.leave(hall.join("stranger-" + std::to_string(i)));
  }
  CHECK(hall.coordinator.state().histories.size() == 2);
  const auto guest = hall.join("guest");
  hall.fit(a, {1, 1});
  hall.fit(b, {1, 1});
  CHECK(hall.journal.saved.back().histories.size() == 3);  // there, so it may be asked
  const RunState saved = hall.journal.saved.back();
  hall.leave(guest);
  CHECK(hall.coordinator.state().histories.size() == 2);
  hall.leave(a);  // it was asked, and will come back
  CHECK(hall.coordinator.state().histories.at("a").merged == 1);
  CHECK(Hall(rules, true, &saved).coordinator.state().histories.size() == 2);
}

TEST_CASE("an address is forgotten with its link, also when it was asked") {
  Hall hall(rules_of(9, 1));
  for (int i = 0; i < 5; ++i) {
    const auto id = hall.join("", "ipv4:1.2.3.4:" + std::to_string(i));
    hall.fit(id, {1, 1});
    hall.leave(id);
  }
  const auto last = hall.join("", "ipv4:1.2.3.4:9");
  hall.leave(last);
  CHECK(hall.coordinator.state().histories.size() <= 1);  // of the round under way
}

TEST_CASE("files of the user in the checkpoint folder stay") {
  const test::TempDir folder;
  const Checkpoint checkpoint(folder.path(), "fedavg");
  for (const char* name : {"model-best.npz", "model-card.md", "model-3.onnx", "model-.npz"}) {
    std::ofstream(folder.path() / name) << "mine";
  }
  RunState state;
  state.model = std::make_shared<const Model>(model_of({1}));
  for (state.round = 0; state.round < 3; ++state.round) {
    REQUIRE(checkpoint.save(state, {}).has_value());
  }
  for (const char* name : {"model-best.npz", "model-card.md", "model-3.onnx", "model-.npz"}) {
    CHECK(std::filesystem::exists(folder.path() / name));
  }
  CHECK_FALSE(std::filesystem::exists(folder.path() / "model-1.npz"));
  CHECK(std::filesystem::exists(folder.path() / "model-2.npz"));
}

TEST_CASE("a run ends when the loss gets no better, or when it is good enough") {
  for (const bool target : {false, true}) {
    CAPTURE(target);
    auto rules = rules_of(9, 1);
    rules.evaluate = true;
    rules.stop_after = target ? 0 : 2;
    rules.target_accuracy = target ? std::optional(0.9) : std::nullopt;
    Hall hall(rules);
    const auto a = hall.join("a");
    constexpr double kAccuracy[] = {0.5, 0.6, 0.7, 0.95};
    for (int round = 0; round < 4 && !hall.coordinator.done(); ++round) {
      hall.fit(a, {1, 1});
      const float loss = round == 0 ? 2.0F : 1.0F;  // better once, in round 2
      hall.say(a, wire::EvaluateResult{{}, loss, 1, {{"accuracy", kAccuracy[round]}}});
    }
    CHECK(hall.coordinator.done());
    CHECK(hall.round() == 4);
    CHECK(hall.coordinator.state().best_round == 2);
    CHECK(hall.coordinator.stop_reason() ==
          (target ? "accuracy 95.00 % reached" : "no better loss for 2 rounds"));
    CHECK(hall.has<wire::Reconnect>(a));
  }
}

TEST_CASE("a run that has ended early does not train on when its server is started again") {
  for (const bool by_accuracy : {false, true}) {
    CAPTURE(by_accuracy);
    const test::TempDir folder;
    DiskJournal journal(folder.path());
    const auto strategy = make_strategy({});
    test::CaptureLog log;
    Coordinator first(short_rules(by_accuracy), *strategy, journal, log);
    RunState state;
    state.run = "r";
    state.model = std::make_shared<const Model>(model_of({0}));
    REQUIRE(first.start(std::move(state)).has_value());
    first.join(1, {"a", "x", wire::Dialect::kModern}, Time(0));
    for (const double accuracy : {0.8, 0.95}) {
      first.receive(1, wire::FitResult{{}, parameters_of(model_of({1})), 1, {}}, 100, Time(0));
      first.receive(1, wire::EvaluateResult{{}, 1.0F, 1, {{"accuracy", accuracy}}}, 100, Time(0));
    }
    REQUIRE(first.done());

    auto saved = journal.checkpoint.load();
    REQUIRE(saved.has_value());
    const RunState kept = **saved;
    CHECK(kept.best_loss == 1.0);
    CHECK(kept.best_round == 1);
    Hall second(short_rules(by_accuracy), true, &kept);
    const auto a = second.join("a");
    CHECK(second.coordinator.done());
    CHECK(second.coordinator.stop_reason() == first.stop_reason());
    CHECK(second.count<wire::Fit>(a) == 0);
    CHECK(second.has<wire::Reconnect>(a));
    Hall other_aims(rules_of(9, 1), true, &kept);  // without the rules that ended it
    const auto b = other_aims.join("a");
    CHECK(other_aims.has<wire::Fit>(b));
  }
}

TEST_CASE("a round whose server died before it was reported is reported by the next one, once") {
  auto rules = rules_of(3, 1);
  rules.evaluate = true;
  Hall first(rules);
  const auto a = first.join("a");
  first.fit(a, {1, 1});
  first.say(a, wire::EvaluateResult{{}, 1.0F, 1, {}});
  first.fit(a, {2, 2});
  REQUIRE(first.has<wire::Evaluate>(a));  // of round 2, and there it dies
  RunState saved = first.journal.saved.back();
  saved.reports = first.journal.reports;
  Hall second(rules, true, &saved);
  REQUIRE(second.journal.reports.size() == 1);
  CHECK(second.journal.reports[0].round == 2);
  CHECK(second.journal.reports[0].count(Fate::kMerged) == 1);
  CHECK(second.coordinator.reports().size() == 2);
  const auto again = second.join("a");
  second.fit(again, {3, 3});
  second.say(again, wire::EvaluateResult{{}, 1.0F, 1, {}});
  CHECK(second.coordinator.done());
  CHECK(second.journal.reports.size() == 2);
  REQUIRE(second.coordinator.reports().size() == 3);
  CHECK(second.coordinator.reports()[2].round == 3);
}

TEST_CASE("what an evaluation found counts, though the server died before it took note of it") {
  auto rules = short_rules(true);
  Hall first(rules);
  const auto a = first.join("a");
  first.fit(a, {1, 1});
  RunState saved = first.journal.saved.back();
  first.say(a, wire::EvaluateResult{{}, 1.0F, 1, {{"accuracy", 0.95}}});
  saved.unreported.reset();
  saved.reports = first.journal.reports;
  Hall second(rules, true, &saved);
  CHECK(second.coordinator.done());
  CHECK(second.coordinator.stop_reason() == "accuracy 95.00 % reached");
}

TEST_CASE("the run's end is told to clients that are still busy, when patience is over") {
  auto rules = rules_of(1, 2);
  rules.clients_per_round = 1;
  rules.over_selection = 1;
  Hall hall(rules);
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {1, 1});
  REQUIRE(hall.coordinator.done());
  CHECK(hall.closed.empty());
  hall.coordinator.dismiss(hall.now);
  hall.pump();
  CHECK(hall.closed == std::vector<SessionId>{a, b});
  CHECK(hall.coordinator.sessions() == 0);
}

TEST_CASE("encoded updates are asked of clients that can, and merged like others") {
  auto rules = rules_of(1, 2);
  rules.encoding = wire::UpdateEncoding::kInt8;
  Hall hall(rules);
  hall.coordinator.join(++hall.last, {"a", "x", wire::Dialect::kModern, true}, hall.now);
  const auto a = hall.last;
  const auto b = hall.join("b");
  const auto& config = std::get<wire::Fit>(hall.inbox[a].back()).config;
  CHECK(config.at("marvel.encoding") == wire::Scalar(std::string("int8")));
  CHECK_FALSE(std::get<wire::Fit>(hall.inbox[b].back()).config.contains("marvel.encoding"));
  wire::FitResult result;
  result.num_examples = 1;
  result.parameters = *wire::UpdateEncoder().encode(model_of({4, -4}), model_of({0, 0}),
                                                    wire::UpdateEncoding::kInt8, 1);
  hall.say(a, result);
  hall.fit(b, {0, 0});
  CHECK(hall.model()[0] == doctest::Approx(2));
  CHECK(hall.model()[1] == doctest::Approx(-2));
}

TEST_CASE("after a restart an update of the small model counts, though the whole one was sent") {
  auto rules = rules_of(2, 1);
  rules.encoding = wire::UpdateEncoding::kInt8;
  StrategyOptions options;
  options.kind = StrategyKind::kDynHp;
  options.dynhp.patience = 1;
  RunState state;
  state.run = "r";
  state.model = std::make_shared<const Model>(gated_model({3, 2}, 1));
  wire::FitResult result{{}, {}, 1, {{kDynHpMetric, true}}};
  Model closed = *state.model;  // one gate of the inputs
  std::get<std::vector<float>>(closed[2].values)[1] = -10;
  result.parameters = parameters_of(std::move(closed));
  Hall first(rules, true, &state, options);
  first.say(first.join("a"), result);
  REQUIRE(first.round() == 1);
  RunState saved = first.journal.saved.back();
  REQUIRE((*saved.model)[0].shape == Shape{2, 2});
  for (const auto* moment : first.strategy->moments()) {
    saved.moments.push_back(*moment);
  }

  Hall second(rules, true, &saved, options);
  second.coordinator.join(++second.last, {"a", "x", wire::Dialect::kModern, true}, second.now);
  result.parameters = *wire::UpdateEncoder().encode(gated_model({2, 2}, 1, 3), *saved.model,
                                                    wire::UpdateEncoding::kInt8, 1);
  second.say(second.last, result);
  CHECK(second.round() == 2);
  CHECK(second.journal.reports.back().count(Fate::kMerged) == 1);
}

TEST_CASE("an update counts in the encoding it was made with, whatever is asked for now") {
  for (const auto now : {wire::UpdateEncoding::kNone, wire::UpdateEncoding::kTopK}) {
    auto rules = rules_of(1, 2);
    rules.encoding = now;
    Hall hall(rules);
    const auto [a, b] = hall.join_all("a", "b");
    wire::FitResult result;
    result.num_examples = 1;
    result.parameters = *wire::UpdateEncoder().encode(model_of({4, 4}), model_of({0, 0}),
                                                      wire::UpdateEncoding::kInt8, 1);
    hall.say(a, result);
    hall.fit(b, {2, 2});
    CHECK(hall.model()[0] == doctest::Approx(3));
    CHECK(hall.journal.reports[0].count(Fate::kMerged) == 2);
  }
}

TEST_CASE("an encoded update that does not fit the model is refused") {
  Hall hall(rules_of(1, 2));
  const auto [a, b] = hall.join_all("a", "b");
  wire::FitResult result;
  result.num_examples = 1;
  result.parameters = *wire::UpdateEncoder().encode(model_of({4, 4, 4}), model_of({0, 0, 0}),
                                                    wire::UpdateEncoding::kInt8, 1);
  hall.say(a, result);
  hall.fit(b, {2, 2});
  CHECK(hall.model() == std::vector<double>{2, 2});
  CHECK(hall.journal.reports[0].count(Fate::kRefused) == 1);
}

}  // namespace marvel::federate
