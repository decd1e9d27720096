// The whole server without network and clock: tests bring events and a time of their own.
#include "federate/server/coordinator.hpp"

#include "federate/server/fixture.hpp"

#include <limits>
#include <tuple>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;
using test_models::model_of;
using test_models::parameters_of;
using test_models::values_of;

}  // namespace

TEST_CASE("without a model a client is asked for one, and the next when it has none") {
  Hall hall(rules_of(1, 2), false);
  const auto a = hall.join("a");
  REQUIRE(hall.has<wire::GetParameters>(a));
  hall.say(a, wire::ParametersResult{{2, "not implemented"}, {}});
  const auto b = hall.join("b");
  REQUIRE(hall.has<wire::GetParameters>(b));
  hall.say(b, wire::ParametersResult{{}, parameters_of(model_of({5, 6}))});
  CHECK(hall.model() == std::vector<double>{5, 6});
  REQUIRE(hall.journal.saved.size() == 1);
  CHECK(hall.journal.saved[0].round == 0);
  CHECK(hall.has<wire::Fit>(a));
  CHECK(hall.has<wire::Fit>(b));
}

TEST_CASE("why a client has no initial model is cut and made harmless in the log") {
  Hall hall(rules_of(1, 1), false);
  const auto a = hall.join("a");
  hall.say(a, wire::ParametersResult{{2, "\x1b[2J" + std::string(50000, 'A')}, {}});
  CHECK(hall.log.lines.back().second.starts_with("client a has no initial model:  [2JAAA"));
  CHECK(hall.log.lines.back().second.size() < 600);
}

TEST_CASE("a run of two rounds averages by examples, saves each round and says goodbye") {
  Hall hall(rules_of(2, 2));
  const auto a = hall.join("a");
  CHECK_FALSE(hall.has<wire::Fit>(a));  // one of two
  const auto b = hall.join("b");
  REQUIRE(hall.has<wire::Fit>(b));
  const auto& config = std::get<wire::Fit>(hall.inbox[a].back()).config;
  CHECK(config.at("marvel.round") == wire::Scalar(std::int64_t{1}));
  CHECK(config.at("marvel.run") == wire::Scalar(std::string("run-1")));
  hall.fit(a, {4, 0}, 1);
  CHECK(hall.round() == 0);
  hall.fit(b, {0, 8}, 3);
  CHECK(hall.model() == std::vector<double>{1, 6});
  REQUIRE(hall.journal.saved.size() == 2);  // the initial one and round 1, before round 2 begins
  hall.fit(a, {1, 1});
  hall.fit(b, {3, 3});
  CHECK(hall.coordinator.done());
  CHECK_FALSE(hall.coordinator.failure().has_value());
  CHECK(hall.has<wire::Reconnect>(a));
  hall.say(a, wire::Disconnect{1});
  CHECK(hall.coordinator.sessions() == 1);
  CHECK(hall.journal.reports.size() == 2);
  CHECK(hall.journal.reports[0].count(Fate::kMerged) == 2);
}

TEST_CASE("a model that does not fit or holds NaN is left out and its client named") {
  auto rules = rules_of(1, 3);
  rules.min_results = 1;
  Hall hall(rules);
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  hall.fit(a, {1, 2, 3});
  hall.fit(b, {std::numeric_limits<double>::quiet_NaN(), 1});
  hall.fit(c, {7, 7});
  CHECK(hall.model() == std::vector<double>{7, 7});
  REQUIRE(hall.log.lines.size() >= 2);
  CHECK(hall.log.lines[0].second ==
        "round 1: the update of client a is left out: tensor 0 has shape (3,) instead of (2,)");
  CHECK(hall.journal.reports[0].count(Fate::kRefused) == 2);
}

TEST_CASE("clients without examples have no weight, and all of them together no effect") {
  Hall hall(rules_of(2, 2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {5, 5}, 0);
  hall.fit(b, {1, 1}, 2);
  CHECK(hall.model() == std::vector<double>{1, 1});
  hall.fit(a, {5, 5}, 0);
  hall.fit(b, {6, 6}, 0);
  CHECK(hall.model() == std::vector<double>{1, 1});
  CHECK(hall.coordinator.done());
}

TEST_CASE("over-selection asks more clients and ends with the first answers") {
  auto rules = rules_of(1, 4);
  rules.clients_per_round = 2;
  rules.over_selection = 0.5;
  Hall hall(rules);
  std::vector<SessionId> asked;
  for (const char* name : {"a", "b", "c", "d"}) {
    hall.join(name);
  }
  for (SessionId id = 1; id <= 4; ++id) {
    if (hall.has<wire::Fit>(id)) {
      asked.push_back(id);
    }
  }
  REQUIRE(asked.size() == 3);
  hall.fit(asked[2], {1, 1});
  hall.fit(asked[0], {3, 3});
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{2, 2});
}

TEST_CASE("a client that comes back in its round is asked again and merged once") {
  Hall hall(strict_rules(2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.leave(a);
  hall.pass(Time(1000));
  const auto again = hall.join("a");
  REQUIRE(hall.has<wire::Fit>(again));
  CHECK(std::get<wire::Fit>(hall.inbox[again].back()).config.at("marvel.round") ==
        wire::Scalar(std::int64_t{1}));
  hall.fit(again, {2, 2});
  const auto third = hall.join("a");  // its answer was merged: nothing more to ask
  CHECK_FALSE(hall.has<wire::Fit>(third));
  CHECK(hall.closed == std::vector<SessionId>{again});
  hall.fit(b, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("a client that does not come back is given up, and another one asked in its place") {
  Hall hall(strict_rules(2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(b, {4, 4});
  hall.leave(a);
  CHECK(hall.coordinator.wake_at() == Time(5000));
  hall.pass(Time(5000));
  CHECK(hall.round() == 0);
  const auto c = hall.join("c");
  REQUIRE(hall.has<wire::Fit>(c));
  hall.fit(c, {0, 0});
  CHECK(hall.model() == std::vector<double>{2, 2});
  CHECK(hall.journal.reports[0].count(Fate::kGone) == 1);
}

TEST_CASE("a second link of the same name replaces a half-open first one") {
  Hall hall(rules_of(1, 2));
  const auto [a, again] = hall.join_all("a", "a");
  CHECK(hall.closed == std::vector<SessionId>{a});
  CHECK(hall.coordinator.sessions() == 1);
  hall.join("b");
  CHECK(hall.has<wire::Fit>(again));
}

TEST_CASE("clients without a name share an address and get a name from their metrics") {
  auto rules = rules_of(2, 2);
  Hall hall(rules);
  const auto [a, b] = hall.join_all("", "");
  hall.fit(a, {1, 1}, 1, {{"cid", std::int64_t{7}}});
  hall.fit(b, {3, 3});
  REQUIRE(hall.journal.reports.size() == 1);
  CHECK(hall.journal.reports[0].clients[0].client == "7");
  CHECK(hall.journal.reports[0].clients[1].client == "ipv4:1.2.3.4#2");
  CHECK(hall.coordinator.state().histories.at("7").merged == 1);
  CHECK_FALSE(hall.coordinator.state().histories.contains("ipv4:1.2.3.4"));
}

TEST_CASE("a client known by its metrics is merged once in a round, also under a new address") {
  Hall hall(strict_rules(2));
  const auto [a, b] = hall.join_all("", "b");
  hall.fit(a, {2, 2}, 1, {{"cid", std::int64_t{1}}});
  hall.leave(a);
  const auto again = hall.join("", "ipv4:1.2.3.4:99");
  hall.leave(b);
  hall.pass(Time(5000));  // b is given up, and the newcomer asked in its place
  REQUIRE(hall.has<wire::Fit>(again));
  hall.fit(again, {90, 90}, 1, {{"cid", std::int64_t{1}}});
  CHECK(hall.round() == 0);  // the first answer counts
  const auto c = hall.join("c");
  hall.fit(c, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
  const auto& histories = hall.coordinator.state().histories;
  CHECK(histories.at("1").merged == 1);
  CHECK_FALSE(histories.contains("ipv4:1.2.3.4:99"));
}

TEST_CASE("of two links that tell the same name the one that has it is merged, in any order") {
  for (const bool renamed_first : {true, false}) {
    CAPTURE(renamed_first);
    auto rules = rules_of(2, 3);
    Hall hall(rules);
    const auto [a, b] = hall.join_all("", "");
    const auto c = hall.join("c");
    for (const auto id : {a, c}) {
      hall.fit(id, {0, 0}, 1, {{"cid", id == a ? std::string("1") : std::string("c")}});
    }
    hall.fit(b, {0, 0});
    REQUIRE(hall.round() == 1);  // a is known as 1 from now on, b by its address
    const wire::Config named{{"cid", std::string("1")}};
    for (const auto id : {renamed_first ? a : b, renamed_first ? b : a}) {
      hall.fit(id, id == a ? std::vector<double>{2, 2} : std::vector<double>{8, 8}, 1, named);
    }
    hall.fit(c, {4, 4});
    CHECK(hall.model() == std::vector<double>{3, 3});
    CHECK(hall.journal.reports[1].count(Fate::kRefused) == 1);
  }
}

TEST_CASE("a stranger that tells the name of a client that is there does not keep it out") {
  Hall hall(rules_of(1, 3));
  const auto [stranger, z, other] = hall.join_all("", "z", "other");
  hall.fit(stranger, {90, 90}, 1, {{"cid", std::string("z")}});
  hall.fit(z, {2, 2}, 1, {{"cid", std::string("z")}});
  hall.fit(other, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
  const auto& clients = hall.journal.reports[0].clients;
  CHECK(clients[0].why == "it calls itself by the name of another client that is there");
  CHECK(clients[2].client == "z");
  CHECK(clients[2].fate == Fate::kMerged);
}

TEST_CASE("evaluations are averaged by examples and end the round") {
  auto rules = rules_of(1, 2);
  rules.evaluate = true;
  Hall hall(rules);
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {1, 1});
  hall.fit(b, {1, 1});
  REQUIRE(hall.has<wire::Evaluate>(a));
  hall.say(a, wire::EvaluateResult{{}, 1.0F, 10, {{"accuracy", 0.5}}});
  hall.say(b, wire::EvaluateResult{{}, 3.0F, 30, {{"accuracy", 0.9}}});
  CHECK(hall.coordinator.done());
  const auto& evaluation = hall.journal.reports[0].evaluation;
  REQUIRE(evaluation.has_value());
  CHECK(evaluation->loss == doctest::Approx(2.5));
  CHECK(*evaluation->accuracy == doctest::Approx(0.8));
}

TEST_CASE("an evaluation that cannot be is left out, and its client named") {
  for (const auto& [loss, examples, accuracy] :
       {std::tuple{0.0F, std::int64_t{1} << 62, 1.0},
        {0.0F, std::int64_t{1}, 1e9},
        {0.0F, std::int64_t{1}, std::numeric_limits<double>::quiet_NaN()},
        {std::numeric_limits<float>::infinity(), std::int64_t{1}, 1.0},
        {0.0F, std::int64_t{-5}, 1.0}}) {
    auto rules = rules_of(1, 2);
    rules.evaluate = true;
    rules.target_accuracy = 0.99;
    Hall hall(rules);
    const auto [liar, b] = hall.join_all("liar", "b");
    hall.fit(liar, {1, 1});
    hall.fit(b, {1, 1});
    hall.say(liar, wire::EvaluateResult{{}, loss, examples, {{"accuracy", accuracy}}});
    hall.say(b, wire::EvaluateResult{{}, 3.0F, 30, {{"accuracy", 0.5}}});
    const auto& evaluation = hall.journal.reports[0].evaluation;
    REQUIRE(evaluation.has_value());
    CHECK(evaluation->clients == 1);
    CHECK(evaluation->loss == 3);
    CHECK(evaluation->accuracy == 0.5);
    CHECK(hall.log.lines[0].second.starts_with(
        "round 1: the evaluation of client liar is left out: it"));
    CHECK_FALSE(hall.coordinator.state().histories.at("liar").accuracy.has_value());
  }
}

TEST_CASE(
    "a training with impossible numbers of examples is refused, with odd metrics without them") {
  Hall hall(rules_of(1, 2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {9, 9}, std::int64_t{1} << 62);
  hall.fit(b, {2, 2}, 1, {{"accuracy", 97.0}, {"loss", 0.5}});
  CHECK(hall.model() == std::vector<double>{2, 2});
  CHECK(hall.journal.reports[0].clients[0].fate == Fate::kRefused);
  CHECK_FALSE(hall.journal.reports[0].clients[1].accuracy.has_value());
  CHECK(hall.journal.reports[0].clients[1].loss == 0.5);
  CHECK(hall.log.lines.back().second ==
        "round 1: client b tells an impossible accuracy, which is left out");
}

TEST_CASE("a client that dies while it evaluates does not hold the round up") {
  auto rules = rules_of(1, 1);
  rules.evaluate = true;
  Hall hall(rules);
  const auto a = hall.join("a");
  hall.fit(a, {1, 1});
  hall.leave(a);
  CHECK(hall.coordinator.done());
}

TEST_CASE("a saved run goes on with the round after the saved one") {
  Hall first(rules_of(3, 1));
  const auto a = first.join("a");
  first.fit(a, {5, 5});
  const RunState saved = first.journal.saved.back();
  Hall second(rules_of(3, 1), true, &saved);
  const auto again = second.join("a");
  const auto& fit = std::get<wire::Fit>(second.inbox[again].back());
  CHECK(fit.config.at("marvel.round") == wire::Scalar(std::int64_t{2}));
  CHECK(values_of(*decode_parameters(fit.parameters)) == std::vector<double>{5, 5});
}

TEST_CASE("a full disk ends the run before the new model is released") {
  Hall hall(rules_of(2, 1));
  const auto a = hall.join("a");
  hall.journal.full = true;
  hall.fit(a, {5, 5});
  CHECK(hall.coordinator.done());
  REQUIRE(hall.coordinator.failure().has_value());
  CHECK(hall.coordinator.failure()->code == Errc::kUnavailable);
  CHECK(hall.count<wire::Fit>(a) == 1);
  CHECK_FALSE(hall.has<wire::Reconnect>(a));  // not sent home: a resumed server will need it
  CHECK(hall.closed == std::vector<SessionId>{a});
}

TEST_CASE("an answer to something else closes the link") {
  Hall hall(rules_of(1, 1));
  const auto a = hall.join("a");
  hall.say(a, wire::EvaluateResult{});
  CHECK(hall.closed == std::vector<SessionId>{a});
  CHECK(hall.coordinator.sessions() == 0);
}

TEST_CASE("the same events give the same choices") {
  const auto chosen = [] {
    auto rules = rules_of(1, 6);
    rules.clients_per_round = 3;
    rules.seed = 5;
    Hall hall(rules);
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
      hall.join(name);
    }
    std::string text;
    for (SessionId id = 1; id <= 6; ++id) {
      text += hall.has<wire::Fit>(id) ? '1' : '0';
    }
    return text;
  };
  CHECK(chosen() == chosen());
}

TEST_CASE("rules that no round could meet are refused") {
  RoundRules rules;
  rules.clients_per_round = 2;
  rules.min_results = 3;
  CHECK(validate(rules).error().code == Errc::kUsage);
  CHECK(validate(RoundRules{}).has_value());
}

TEST_CASE("an update too large for the sum is left out, and others' rounds go on") {
  Hall hall(rules_of(2, 2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {1e300, 1}, 1000000000000);
  hall.fit(b, {1, 1}, 1000000000000);
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{1, 1});
  CHECK(hall.journal.reports[0].clients[0].why ==
        "tensor 0 holds 1e+300, which is too large to be merged");
  CHECK(hall.coordinator.state().histories.at("a").merged == 0);
  CHECK(hall.coordinator.state().histories.at("a").refused == 1);
  hall.fit(a, {1, 1});
  hall.fit(b, {3, 3});
  CHECK(hall.model() == std::vector<double>{2, 2});
}

TEST_CASE("a round whose mean is no number is void: its model and its counts stay") {
  StrategyOptions options;
  options.kind = StrategyKind::kNus;
  options.server_lr = 1e300;
  Hall hall(rules_of(2, 2), true, nullptr, options);
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {1e280, 1});
  hall.fit(b, {1, 1});
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{0, 0});
  const auto& report = hall.journal.reports[0];
  CHECK(report.void_reason ==
        "the mean of the clients' models is too large for its type of number");
  CHECK(report.count(Fate::kVoid) == 2);
  CHECK(report.count(Fate::kMerged) == 0);
  const auto& history = hall.journal.saved.back().histories.at("b");
  CHECK(history.merged == 0);
  CHECK(history.last_merged == 0);
}

}  // namespace marvel::federate
