#pragma once

// The whole server without network and clock: tests bring events and a time of their own.
#include "federate/model_builder.hpp"
#include "federate/server/coordinator.hpp"
#include "support/fakes.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate::test_server {

struct FakeJournal : Journal {
  Status save(const RunState& state, const std::vector<const Model*>& /*moments*/) override {
    if (full) {
      return fail(Errc::kUnavailable, "disk full");
    }
    saved.push_back(state);
    return {};
  }
  Status note(const RunState& state, const std::vector<const Model*>& /*moments*/) override {
    if (full) {
      return fail(Errc::kUnavailable, "disk full");
    }
    noted.push_back(state);
    return {};
  }
  void report(const RoundReport& report) override { reports.push_back(report); }
  [[nodiscard]] bool keeps_reports() const override { return keeps; }

  bool full = false;
  bool keeps = false;
  std::vector<RunState> saved;
  std::vector<RunState> noted;
  std::vector<RoundReport> reports;
};

// Clients, links and time, in the words of the tests.
struct Hall {
  explicit Hall(const RoundRules& rules, bool with_model = true, const RunState* from = nullptr,
                const StrategyOptions& options = {})
      : strategy(make_strategy(options)), coordinator(rules, *strategy, journal, log) {
    RunState state;
    if (from != nullptr) {
      state = *from;
    } else {
      state.run = "run-1";
      if (with_model) {
        state.model = std::make_shared<const Model>(test_models::model_of({0, 0}));
      }
    }
    REQUIRE(coordinator.start(state).has_value());
  }

  SessionId join(const std::string& name, const std::string& peer = "ipv4:1.2.3.4") {
    coordinator.join(++last, {name, peer, wire::Dialect::kModern}, now);
    pump();
    return last;
  }
  // As in: const auto [a, b] = hall.join_all("a", "b");
  template <class... Names>
  std::array<SessionId, sizeof...(Names)> join_all(const Names&... names) {
    return {join(names)...};
  }
  void leave(SessionId id) {
    coordinator.leave(id, now);
    pump();
  }
  void say(SessionId id, const wire::ClientMessage& message) {
    coordinator.receive(id, message, 100, now);
    pump();
  }
  void fit(SessionId id, std::vector<double> values, std::int64_t examples = 1,
           wire::Config metrics = {}) {
    say(id, wire::FitResult{{},
                            test_models::parameters_of(test_models::model_of(std::move(values))),
                            examples,
                            std::move(metrics)});
  }
  void pass(Time time) {
    now += time;
    coordinator.tick(now);
    pump();
  }
  void pump() {
    for (auto& output : coordinator.take_outputs()) {
      if (auto* send = std::get_if<Send>(&output)) {
        inbox[send->session].push_back(std::move(send->message));
      } else {
        closed.push_back(std::get<Close>(output).session);
      }
    }
  }
  template <class Message>
  bool has(SessionId id) {
    return !inbox[id].empty() && std::holds_alternative<Message>(inbox[id].back());
  }
  template <class Message>
  std::size_t count(SessionId id) {
    std::size_t found = 0;
    for (const auto& message : inbox[id]) {
      found += std::holds_alternative<Message>(message) ? 1 : 0;
    }
    return found;
  }
  std::vector<double> model() const { return test_models::values_of(*coordinator.state().model); }
  std::uint64_t round() const { return coordinator.state().round; }

  std::unique_ptr<Strategy> strategy;
  FakeJournal journal;
  test::CaptureLog log;
  Coordinator coordinator;
  std::map<SessionId, std::vector<wire::ServerMessage>> inbox;
  std::vector<SessionId> closed;
  SessionId last = 0;
  Time now{0};
};

inline RoundRules rules_of(std::uint64_t rounds, std::size_t clients) {
  RoundRules rules;
  rules.rounds = rounds;
  rules.min_available = clients;
  rules.evaluate = false;
  return rules;
}

// One round that needs the answers of all.
inline RoundRules strict_rules(std::size_t clients) {
  auto rules = rules_of(1, clients);
  rules.min_results = clients;
  return rules;
}

}  // namespace marvel::federate::test_server
