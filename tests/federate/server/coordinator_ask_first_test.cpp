// What clients tell before the draw of a round.
#include "federate/server/coordinator.hpp"
#include "federate/server/fixture.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;
using test_models::model_of;
using test_models::parameters_of;

StrategyOptions nus_of(NusMode mode) {
  StrategyOptions options;
  options.kind = StrategyKind::kNus;
  options.nus.mode = mode;
  return options;
}

RoundRules drawing(std::size_t clients, std::size_t wanted) {
  auto rules = rules_of(1, clients);
  rules.clients_per_round = wanted;
  return rules;
}

void tell_size(Hall& hall, SessionId id, double norm, std::int64_t examples = 1) {
  hall.say(id, wire::FitResult{{}, {}, examples, {{"update_norm", norm}, {"loss", 0.5}}});
}

bool told(const Hall& hall, SessionId id, const char* setting) {
  const auto& messages = hall.inbox.at(id);
  const auto* fit = messages.empty() ? nullptr : std::get_if<wire::Fit>(&messages.back());
  return fit != nullptr && fit->config.contains(setting);
}

}  // namespace

TEST_CASE("probe: all tell the loss of the model, then the drawn train") {
  Hall hall(drawing(3, 1), true, nullptr, nus_of(NusMode::kProbe));
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  for (const auto id : {a, b, c}) {
    REQUIRE(hall.has<wire::Evaluate>(id));
  }
  hall.say(a, wire::EvaluateResult{{}, 1, 10, {{"accuracy", 0.25}}});
  hall.say(b, wire::EvaluateResult{{}, 5, 10, {}});
  CHECK(hall.count<wire::Fit>(a) + hall.count<wire::Fit>(b) + hall.count<wire::Fit>(c) == 0);
  hall.leave(c);  // one that goes is not waited for
  REQUIRE(hall.count<wire::Fit>(a) + hall.count<wire::Fit>(b) == 1);
  CHECK(hall.coordinator.state().histories.at("a").loss == 1);
  CHECK(hall.coordinator.state().histories.at("a").accuracy == 0.25);
  CHECK(hall.coordinator.state().histories.at("b").loss == 5);
  hall.fit(hall.has<wire::Fit>(a) ? a : b, {1, 1});
  REQUIRE(hall.journal.reports.size() == 1);
  const auto& report = hall.journal.reports[0];
  CHECK(report.probed == 2);
  CHECK(report.bytes_up == 300);
  REQUIRE(report.factors.size() == 2);
  CHECK(report.factors[1].loss > report.factors[0].loss);
  CHECK(report.factors[0].probability + report.factors[1].probability == doctest::Approx(1));
}

TEST_CASE("probe: a part in turn, silent ones until the deadline, and nobody twice on one model") {
  auto rules = drawing(3, 1);
  rules.rounds = 3;
  rules.deadline = Time(1000);
  rules.evaluate = true;
  rules.evaluate_clients = 3;
  auto options = nus_of(NusMode::kProbe);
  options.nus.probes = 2;
  Hall hall(rules, true, nullptr, options);
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  CHECK(hall.count<wire::Evaluate>(a) + hall.count<wire::Evaluate>(b) == 2);
  CHECK(hall.count<wire::Evaluate>(c) == 0);
  hall.say(a, wire::EvaluateResult{{}, 1, 10, {}});
  hall.pass(Time(1000));  // b is silent: still busy, so not drawn
  const auto drawn = hall.has<wire::Fit>(a) ? a : c;
  REQUIRE(hall.has<wire::Fit>(drawn));
  hall.fit(drawn, {1, 1});
  for (const auto id : {a, c}) {  // the evaluation at the end of the round
    REQUIRE(hall.has<wire::Evaluate>(id));
    hall.say(id, wire::EvaluateResult{{}, 1, 10, {}});
  }
  // Both know the loss of this model and b is busy: no probe in round 2.
  CHECK(hall.journal.reports.size() == 1);
  CHECK((hall.has<wire::Fit>(a) || hall.has<wire::Fit>(c)));
  CHECK(hall.journal.reports[0].probed == 1);
}

TEST_CASE("post: all train and tell, the drawn upload, without a second model") {
  Hall hall(drawing(3, 1), true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  for (const auto id : {a, b, c}) {
    REQUIRE(told(hall, id, "marvel.report"));
  }
  tell_size(hall, a, 0);
  tell_size(hall, b, 0);
  CHECK(hall.count<wire::Fit>(c) == 1);
  tell_size(hall, c, 1000);
  // Floors of 0.05 leave c 0.9; the key of this seed draws it.
  SessionId drawn = 0;
  for (const auto id : {a, b, c}) {
    drawn = told(hall, id, "marvel.upload") ? id : drawn;
  }
  REQUIRE(drawn != 0);
  const auto& order = std::get<wire::Fit>(hall.inbox[drawn].back());
  CHECK(order.parameters.tensors.empty());
  CHECK(order.config.at("marvel.run") == wire::Scalar(std::string("run-1")));
  CHECK_FALSE(order.config.contains("marvel.report"));
  hall.fit(drawn, {8, 8});
  REQUIRE(hall.journal.reports.size() == 1);
  const auto& report = hall.journal.reports[0];
  CHECK(report.count(Fate::kMerged) == 1);
  CHECK(report.count(Fate::kReported) == 2);
  REQUIRE(report.factors.size() == 3);
  CHECK(report.factors[2].norm == 1000);
  CHECK(report.factors[2].loss == 1);
  CHECK(report.factors[2].probability == doctest::Approx(0.9));
  CHECK(report.bytes_down == 3 * parameters_of(model_of({0, 0})).tensors[0].size());
}

TEST_CASE("post: an update that comes at once is merged and counts as drawn") {
  Hall hall(drawing(2, 1), true, nullptr, nus_of(NusMode::kPost));
  const auto [legacy, other] = hall.join_all("legacy", "other");
  hall.fit(legacy, {4, 4});
  CHECK(hall.round() == 0);
  tell_size(hall, other, 1);
  REQUIRE(told(hall, other, "marvel.upload"));  // at least one of those that told
  hall.fit(other, {8, 8});
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{6, 6});
  CHECK(hall.journal.reports[0].clients[0].inclusion == 1);
  Hall all_legacy(drawing(2, 1), true, nullptr, nus_of(NusMode::kPost));
  const auto [first, second] = all_legacy.join_all("a", "b");
  all_legacy.fit(first, {4, 4});
  all_legacy.fit(second, {8, 8});
  CHECK(all_legacy.model() == std::vector<double>{6, 6});
}

TEST_CASE("post: the one that was drawn and dies is replaced by another that has trained") {
  auto rules = drawing(3, 1);
  rules.min_results = 1;
  rules.rejoin_grace = Time(100);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  std::vector<SessionId> clients{hall.join("a"), hall.join("b"), hall.join("c")};
  for (const auto id : clients) {
    tell_size(hall, id, 1);
  }
  const auto drawn = [&] {
    return std::find_if(clients.begin(), clients.end(),
                        [&](SessionId id) { return told(hall, id, "marvel.upload"); });
  };
  REQUIRE(drawn() != clients.end());
  hall.leave(*drawn());
  clients.erase(drawn());
  CHECK(drawn() == clients.end());
  hall.pass(Time(100));
  REQUIRE(drawn() != clients.end());
  hall.fit(*drawn(), {2, 2});
  CHECK(hall.round() == 1);
  CHECK(hall.journal.reports[0].count(Fate::kGone) == 1);
}

TEST_CASE("post: one that was drawn and does not deliver still has its share of the mean") {
  auto rules = drawing(2, 2);
  rules.min_results = 1;
  rules.deadline = Time(1000);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b] = hall.join_all("a", "b");
  tell_size(hall, a, 1, 10);
  tell_size(hall, b, 1, 10);
  REQUIRE(told(hall, b, "marvel.upload"));
  hall.fit(a, {1, 1}, 10);
  hall.pass(Time(1000));
  REQUIRE(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{0.5, 0.5});
}

TEST_CASE(
    "post: one that comes back when it was drawn gets the model again and may be a new process") {
  Hall hall(drawing(2, 2), true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b] = hall.join_all("a", "b");
  tell_size(hall, a, 1);
  hall.leave(a);
  tell_size(hall, b, 1);  // both are drawn
  REQUIRE(told(hall, b, "marvel.upload"));
  const auto again = hall.join("a");
  REQUIRE(told(hall, again, "marvel.upload"));
  CHECK_FALSE(std::get<wire::Fit>(hall.inbox[again].back()).parameters.tensors.empty());
  hall.fit(again, {2, 2});
  hall.fit(b, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("post: the silent are not waited for after the deadline, and nonsense is refused") {
  auto rules = drawing(4, 1);
  rules.deadline = Time(1000);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  hall.join("silent");
  hall.pass(Time(1000));  // nobody has told anything: the time begins again
  CHECK_FALSE(told(hall, a, "marvel.upload"));
  tell_size(hall, a, 1);
  tell_size(hall, b, -1);
  hall.say(c, wire::FitResult{{3, "no data"}, {}, 0, {{"update_norm", 1.0}}});
  hall.pass(Time(1000));
  REQUIRE(told(hall, a, "marvel.upload"));
  hall.fit(a, {2, 2});
  REQUIRE(hall.round() == 1);
  const auto& report = hall.journal.reports[0];
  CHECK(report.count(Fate::kRefused) == 2);
  CHECK(report.count(Fate::kLate) == 1);
  CHECK(report.clients[1].why == "the size of its update makes no sense");
  CHECK(report.clients[2].why == "no data");
}

TEST_CASE("post: an outage of all clients does not cost the round") {
  auto rules = drawing(2, 1);
  rules.rejoin_grace = Time(100);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b] = hall.join_all("a", "b");
  hall.leave(a);
  hall.leave(b);
  hall.pass(Time(100));
  REQUIRE(hall.round() == 0);
  CHECK_FALSE(hall.coordinator.done());
  const auto back = hall.join("a");
  REQUIRE(told(hall, back, "marvel.report"));
  tell_size(hall, back, 1);
  REQUIRE(told(hall, back, "marvel.upload"));
  hall.fit(back, {2, 2});
  REQUIRE(hall.round() == 1);
  CHECK(hall.journal.reports[0].count(Fate::kMerged) == 1);
}

TEST_CASE("post: when all that were asked are gone for good, who comes later is asked") {
  auto rules = drawing(1, 1);
  rules.rejoin_grace = Time(100);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto a = hall.join("a");
  hall.leave(a);
  hall.pass(Time(100));
  const auto b = hall.join("b");
  REQUIRE(told(hall, b, "marvel.report"));
  tell_size(hall, b, 1);
  hall.fit(b, {2, 2});
  CHECK(hall.round() == 1);
}

TEST_CASE("post: when all are refused they are asked once more, and then the round is void") {
  Hall hall(drawing(2, 1), true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b] = hall.join_all("a", "b");
  tell_size(hall, a, -1);
  tell_size(hall, b, -1);
  CHECK(hall.round() == 0);
  for (const auto id : {a, b}) {
    REQUIRE(hall.count<wire::Fit>(id) == 2);
    REQUIRE(told(hall, id, "marvel.report"));
    tell_size(hall, id, -1);
  }
  REQUIRE(hall.round() == 1);
  CHECK_FALSE(hall.journal.reports[0].void_reason.empty());
}

TEST_CASE("post: one that comes back after the draw neither uploads nor ends the round") {
  auto rules = drawing(3, 1);
  rules.rejoin_grace = Time(100);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  hall.leave(c);
  hall.pass(Time(100));
  tell_size(hall, a, 1);
  tell_size(hall, b, 1);
  const auto drawn = told(hall, a, "marvel.upload") ? a : b;
  REQUIRE(told(hall, drawn, "marvel.upload"));
  const auto back = hall.join("c");
  CHECK(hall.count<wire::Fit>(back) == 0);
  CHECK(hall.round() == 0);
  hall.fit(drawn, {2, 2});
  REQUIRE(hall.round() == 1);
  CHECK(hall.journal.reports[0].count(Fate::kMerged) == 1);
  CHECK(hall.journal.reports[0].count(Fate::kGone) == 1);
}

TEST_CASE("post: an update that comes undrawn after the draw is no answer of a drawn one") {
  auto rules = drawing(3, 1);
  rules.deadline = Time(1000);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPost));
  const auto [a, b, slow] = hall.join_all("a", "b", "slow");
  tell_size(hall, a, 1);
  tell_size(hall, b, 1);
  hall.pass(Time(1000));
  const auto drawn = told(hall, a, "marvel.upload") ? a : b;
  REQUIRE(told(hall, drawn, "marvel.upload"));
  hall.fit(slow, {4, 4});  // it knows no draws
  CHECK(hall.round() == 0);
  hall.fit(drawn, {2, 2});
  REQUIRE(hall.round() == 1);
  CHECK(hall.journal.reports[0].count(Fate::kMerged) == 2);
}

TEST_CASE("reasons of draws are forgotten where the journal keeps them") {
  for (const bool keeps : {false, true}) {
    auto rules = drawing(2, 1);
    rules.rounds = 2;
    Hall hall(rules, true, nullptr, nus_of(NusMode::kPre));
    hall.journal.keeps = keeps;
    const auto [a, b] = hall.join_all("a", "b");
    hall.fit(hall.has<wire::Fit>(a) ? a : b, {1, 1});
    REQUIRE(hall.coordinator.reports().size() == 1);
    CHECK(hall.coordinator.reports()[0].factors.empty() == keeps);
    CHECK(hall.coordinator.reports()[0].count(Fate::kMerged) == 1);
    CHECK(hall.journal.reports[0].factors.size() == 2);  // as it was told
  }
}

TEST_CASE("who is asked in place of another has its reasons in the report, too") {
  auto rules = drawing(3, 1);
  rules.rounds = 1;
  rules.min_results = 1;
  rules.rejoin_grace = Time(1000);
  Hall hall(rules, true, nullptr, nus_of(NusMode::kPre));
  const std::vector<SessionId> clients{hall.join("a"), hall.join("b"), hall.join("c")};
  const auto asked = std::find_if(clients.begin(), clients.end(),
                                  [&](SessionId id) { return hall.has<wire::Fit>(id); });
  REQUIRE(asked != clients.end());
  hall.leave(*asked);
  hall.pass(Time(1500));
  for (const auto id : clients) {
    if (id != *asked && hall.has<wire::Fit>(id)) {
      hall.fit(id, {1, 1});
    }
  }
  REQUIRE(hall.journal.reports.size() == 1);
  std::map<std::uint64_t, double> chances;  // of each draw
  std::map<std::uint64_t, std::size_t> rows;
  for (const auto& row : hall.journal.reports[0].factors) {
    chances[row.draw] += row.probability;
    ++rows[row.draw];
  }
  CHECK(rows == std::map<std::uint64_t, std::size_t>{{1, 3}, {2, 2}});
  CHECK(chances[1] == doctest::Approx(1));
  CHECK(chances[2] == doctest::Approx(1));
}

TEST_CASE("poisson: a round in which no coin falls leaves the model, and the next one comes") {
  auto rules = drawing(4, 1);
  rules.rounds = 40;
  auto options = nus_of(NusMode::kPre);
  options.nus.sampling = NusSampling::kPoisson;
  Hall hall(rules, true, nullptr, options);
  const std::vector<SessionId> clients{hall.join("a"), hall.join("b"), hall.join("c"),
                                       hall.join("d")};
  for (int i = 0; i < 1000 && !hall.coordinator.done(); ++i) {
    for (const auto id : clients) {
      if (hall.has<wire::Fit>(id)) {
        hall.inbox[id].clear();
        hall.fit(id, {1, 1});
      }
    }
  }
  REQUIRE(hall.coordinator.done());
  std::map<std::size_t, int> sizes;
  for (const auto& report : hall.journal.reports) {
    ++sizes[report.clients.size()];
  }
  CHECK(sizes[0] > 0);
  CHECK(sizes[1] > 0);
  CHECK(sizes.size() > 2);
}

}  // namespace marvel::federate
