// Rounds by secure sums, with real members behind the links.
#include "federate/client/conversation.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/fixture.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;
using test_models::model_of;

// Adds `step` to every parameter, with `examples` behind it.
struct Stepper : Trainer {
  Stepper(double by, std::int64_t count) : step(by), examples(count) {}
  Result<Model> initial() override { return model_of({0, 0}); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    ++trained;
    return Trained{
        model_of({global[0].at(0) + step, global[0].at(1) - step}), examples, {{"loss", 0.5}}};
  }
  Result<Evaluated> evaluate(const Model& /*global*/, const wire::Config& /*config*/) override {
    return Evaluated{0.25, 5, {}};
  }
  double step;
  std::int64_t examples;
  int trained = 0;
};

struct Client {
  Client(double step, std::int64_t examples) : trainer(step, examples), talk(trainer, "x") {}
  Stepper trainer;
  Conversation talk;
};

struct SecureHall : Hall {
  explicit SecureHall(const RoundRules& rules, const StrategyOptions& options = {})
      : Hall(rules, true, nullptr, options) {
    REQUIRE(secure::prepare().has_value());
  }
  SessionId come(const std::string& name) {
    coordinator.join(++last, {name, "ipv4:1.2.3.4", wire::Dialect::kModern, false, true}, now);
    pump();
    ids[name] = last;
    return last;
  }
  void add(const std::string& name, double step, std::int64_t examples) {
    clients[name] = std::make_unique<Client>(step, examples);
    come(name);
  }
  // Alike in weight: the mean of all is 7 / 3, without b 2.5.
  void add_three() {
    add("a", 1, 10);
    add("b", 2, 10);
    add("c", 4, 10);
  }
  // The stage in which the client is asked now; empty: in none.
  std::string asked(const std::string& name) {
    if (!has<wire::Fit>(ids[name])) {
      return {};
    }
    const auto& config = std::get<wire::Fit>(inbox[ids[name]].back()).config;
    const auto stage = config.find(secure::kStageSetting);
    return stage == config.end() ? "plain" : std::get<std::string>(stage->second);
  }
  wire::FitResult answer_of(const std::string& name) {
    const auto answer = clients.at(name)->talk.answer(inbox[ids[name]].back());
    REQUIRE(answer.has_value());
    return std::get<wire::FitResult>(*answer);
  }
  void answer(const std::string& name) {
    const auto result = answer_of(name);
    inbox[ids[name]].clear();
    say(ids[name], result);
  }
  // All that are asked for `stage` answer, but those that are `silent`.
  void stage(const std::string& stage, const std::string& silent = "") {
    for (const auto& [name, client] : clients) {
      if (silent.find(name) == std::string::npos) {
        REQUIRE(asked(name) == stage);
        answer(name);
      }
    }
  }
  // Up to the training.
  void agree() {
    stage("keys");
    stage("shares");
  }
  void whole_round() {
    agree();
    stage("masked");
    stage("unmask");
  }
  std::map<std::string, std::unique_ptr<Client>> clients;
  std::map<std::string, SessionId> ids;
};

RoundRules secure_rules(std::uint64_t rounds, std::size_t clients) {
  auto rules = rules_of(rounds, clients);
  rules.secure = true;
  rules.rejoin_grace = Time(100);
  return rules;
}

}  // namespace

TEST_CASE("a secure round gives FedAvg's model, and neither losses nor examples of anybody") {
  SecureHall hall(secure_rules(2, 3));
  hall.add("a", 1, 10);
  hall.add("b", 2, 20);
  hall.add("c", 4, 10);
  for (const char* stage : {"keys", "shares", "masked", "unmask"}) {
    CHECK(hall.round() == 0);
    hall.stage(stage);
  }
  CHECK(hall.round() == 1);
  CHECK(hall.model()[0] == doctest::Approx(2.25).epsilon(1e-7));
  CHECK(hall.model()[1] == doctest::Approx(-2.25).epsilon(1e-7));
  const auto& report = hall.journal.reports[0];
  CHECK(report.count(Fate::kMerged) == 3);
  for (const auto& client : report.clients) {
    CHECK(client.examples == 0);
    CHECK_FALSE(client.loss.has_value());
  }
  CHECK(hall.coordinator.state().histories.at("a").examples == 0);
  hall.whole_round();
  CHECK(hall.model()[0] == doctest::Approx(4.5).epsilon(1e-7));
  CHECK(hall.coordinator.done());
}

TEST_CASE("all alike when asked to, and by a server optimiser") {
  auto rules = secure_rules(1, 2);
  rules.secure_uniform = true;
  StrategyOptions options;
  options.kind = StrategyKind::kFedAvgM;
  options.server_lr = 0.5;
  SecureHall hall(rules, options);
  hall.add("a", 1, 10);
  hall.add("b", 3, 90);
  hall.whole_round();
  CHECK(hall.model()[0] == doctest::Approx(1).epsilon(1e-7));
}

TEST_CASE("a client that dies while it trains is taken out of the sum") {
  SecureHall hall(secure_rules(1, 3));
  hall.add_three();
  hall.agree();
  hall.stage("masked", "b");
  hall.leave(hall.ids["b"]);
  CHECK(hall.asked("a").empty());
  hall.pass(Time(100));
  hall.stage("unmask", "b");
  CHECK(hall.model()[0] == doctest::Approx(2.5).epsilon(1e-7));
  CHECK(hall.journal.reports[0].count(Fate::kGone) == 1);
  CHECK(hall.journal.reports[0].count(Fate::kMerged) == 2);
}

TEST_CASE("one that dies after its masked update is in the sum") {
  SecureHall hall(secure_rules(1, 3));
  hall.add_three();
  hall.agree();
  hall.answer("b");
  hall.leave(hall.ids["b"]);
  hall.stage("masked", "b");
  hall.stage("unmask", "b");
  CHECK(hall.round() == 0);
  hall.pass(Time(100));
  CHECK(hall.model()[0] == doctest::Approx(7.0 / 3).epsilon(1e-7));
}

TEST_CASE("too few survivors: the round is void, the model stays, the next round comes") {
  SecureHall hall(secure_rules(2, 3));
  hall.add_three();
  hall.agree();
  hall.answer("a");
  hall.leave(hall.ids["b"]);
  hall.leave(hall.ids["c"]);
  hall.pass(Time(100));
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{0, 0});
  CHECK(hall.journal.reports[0].void_reason ==
        "1 of the 2 clients that a secure sum needs have answered (masked)");
  CHECK(
      hall.log.lines.back().second ==
      "round 1: void: 1 of the 2 clients that a secure sum needs have answered (masked); the model "
      "stays");
  hall.come("b");
  hall.come("c");
  hall.whole_round();
  CHECK(hall.model()[0] == doctest::Approx(7.0 / 3).epsilon(1e-7));
}

TEST_CASE("a client whose link broke goes on in its stage, and says nothing new when asked again") {
  SecureHall hall(secure_rules(1, 2));
  hall.add("a", 1, 10);
  hall.add("b", 2, 10);
  hall.agree();
  const auto first = hall.answer_of("a");  // is lost on its way
  hall.leave(hall.ids["a"]);
  hall.come("a");
  REQUIRE(hall.asked("a") == "masked");
  const auto second = hall.answer_of("a");
  CHECK(second.parameters.tensors[0].text() == first.parameters.tensors[0].text());
  hall.stage("masked");
  hall.stage("unmask");
  CHECK(hall.model()[0] == doctest::Approx(1.5).epsilon(1e-7));
  CHECK(hall.clients.at("a")->trainer.trained == 1);
}

TEST_CASE("a new process under an old name has no part in the sum that is under way") {
  SecureHall hall(secure_rules(1, 3));
  hall.add_three();
  hall.agree();
  hall.leave(hall.ids["c"]);
  hall.add("c", 4, 10);
  hall.answer("c");
  hall.stage("masked", "c");
  hall.stage("unmask", "c");
  CHECK(hall.model()[0] == doctest::Approx(1.5).epsilon(1e-7));
  CHECK(hall.journal.reports[0].clients[2].why ==
        "it cannot go on (code 4: it has no part in this secure sum)");
}

TEST_CASE("the deadline of a stage leaves out who is silent") {
  auto rules = secure_rules(1, 3);
  rules.deadline = Time(1000);
  SecureHall hall(rules);
  hall.add_three();
  hall.stage("keys");
  hall.stage("shares", "a");
  hall.pass(Time(1000));
  hall.stage("masked", "a");
  hall.stage("unmask", "a");
  CHECK(hall.model()[0] == doctest::Approx(3).epsilon(1e-7));
  CHECK(hall.journal.reports[0].count(Fate::kLate) == 1);
}

TEST_CASE(
    "over-selection ends a secure sum with the wanted clients, and never below its threshold") {
  auto rules = secure_rules(3, 4);
  rules.clients_per_round = 2;
  rules.over_selection = 1;
  SecureHall hall(rules);
  hall.add_three();
  hall.add("d", 8, 10);
  for (std::uint64_t round = 1; round <= 3; ++round) {
    hall.agree();
    hall.answer("a");
    hall.answer("b");
    CHECK(hall.asked("c") == "masked");
    hall.answer("c");  // three of four are the threshold
    hall.leave(hall.ids["d"]);
    hall.come("d");  // for the next round
    for (const char* name : {"a", "b", "c"}) {
      REQUIRE(hall.asked(name) == "unmask");
      hall.answer(name);
    }
    REQUIRE(hall.round() == round);
    CHECK(hall.journal.reports.back().void_reason.empty());
    CHECK(hall.journal.reports.back().count(Fate::kMerged) == 3);
  }
}

TEST_CASE("of more clients than a secure sum can have each round asks others") {
  auto rules = secure_rules(2, 300);
  rules.over_selection = 1;
  SecureHall hall(rules);
  for (int i = 0; i < 300; ++i) {
    hall.come(std::to_string(1000 + i));
  }
  const auto asked_of = [&hall](std::size_t messages) {
    std::set<std::string> names;
    for (const auto& [name, id] : hall.ids) {
      if (hall.count<wire::Fit>(id) == messages) {
        names.insert(name);
      }
    }
    return names;
  };
  const auto first = asked_of(1);
  REQUIRE(first.size() == secure::kMostClients);
  CHECK(*first.rbegin() > "1254");  // not the first by name
  hall.inbox.clear();
  for (const auto& name : first) {
    hall.say(hall.ids[name], wire::FitResult{{4, "no"}, {}, 0, {}});
  }
  CHECK(hall.round() == 1);
  const auto second = asked_of(1);
  CHECK(second.size() == secure::kMostClients);
  CHECK(second != first);
  CHECK(hall.journal.reports[0].clients[0].inclusion == doctest::Approx(255.0 / 300));
}

TEST_CASE("what a client says when it cannot go on is cut and made harmless") {
  SecureHall hall(secure_rules(1, 2));
  hall.add("a", 1, 10);
  hall.add("b", 2, 10);
  hall.say(hall.ids["a"], wire::FitResult{{4, "\x1b[2J" + std::string(50000, 'A')}, {}, 0, {}});
  hall.stage("keys", "a");
  const auto& why = hall.journal.reports[0].clients[0].why;
  CHECK(why.starts_with("it cannot go on (code 4:  [2JAAA"));
  CHECK(why.size() < 600);
}

TEST_CASE("clients that cannot take part are sent away") {
  SecureHall hall(secure_rules(1, 2));
  hall.join("legacy");
  CHECK(hall.closed.size() == 1);
  CHECK(hall.coordinator.sessions() == 0);
  CHECK(hall.log.lines.back().second.starts_with("client legacy cannot take part in secure"));
}

}  // namespace marvel::federate
