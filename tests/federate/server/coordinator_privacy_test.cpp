// What a private run promises and accounts for, round by round and over restarts.
#include "federate/privacy/accountant.hpp"
#include "federate/privacy/options.hpp"
#include "federate/privacy/update_privacy.hpp"
#include "federate/server/fixture.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;
using test_models::model_of;

}  // namespace

TEST_CASE("a private run ends in time, tells epsilon in each round and goes on with its account") {
  StrategyOptions options;
  options.privacy.emplace();
  options.privacy->clip = 1;
  options.privacy->noise = 5;
  options.privacy->expected = 2;
  options.privacy->target_epsilon = 2;
  Hall hall(rules_of(100, 2), true, nullptr, options);
  const auto [a, b] = hall.join_all("a", "b");
  for (int i = 0; i < 50 && !hall.coordinator.done(); ++i) {
    hall.fit(a, {1, 0});
    hall.fit(b, {0, 1});
  }
  REQUIRE(hall.coordinator.done());
  CHECK(hall.round() < 50);
  CHECK(hall.round() > 1);
  double last = 0;
  for (const auto& report : hall.journal.reports) {
    CHECK(report.privacy->epsilon > last);
    last = report.privacy->epsilon;
  }
  CHECK(last <= 2);
  CHECK(hall.has<wire::Reconnect>(a));
  const RunState saved = hall.journal.saved.back();
  CHECK(saved.privacy->epsilon == last);
  Hall resumed(rules_of(100, 2), true, &saved, options);
  resumed.join("a");
  resumed.join("b");
  CHECK(resumed.coordinator.done());
}

TEST_CASE("with noise by clients a void round counts where a private update has come") {
  StrategyOptions options;
  options.privacy.emplace();
  options.privacy->mode = PrivacyMode::kClient;
  options.privacy->clip = 1;
  options.privacy->noise = 8;
  auto rules = strict_rules(2);
  rules.rounds = 3;
  Hall hall(rules, true, nullptr, options);
  const auto [a, b] = hall.join_all("a", "b");
  for (const bool noised : {false, true}) {
    hall.fit(a, {1, 0}, 1, {{kPrivateMetric, noised}});
    hall.fit(b, {1, 0});
    for (const auto id : {a, b}) {
      if (id == b || !noised) {
        hall.fit(id, {1, 0});  // the second chance of who was refused
      }
    }
    REQUIRE_FALSE(hall.journal.reports.back().void_reason.empty());
    const RunState saved = hall.journal.saved.back();
    CHECK(saved.privacy->releases ==
          (noised ? std::vector<Release>{{1, 4, 1}} : std::vector<Release>{}));
    CHECK((saved.privacy->epsilon > 0) == noised);
    const Hall resumed(rules, true, &saved, options);  // its account goes on
    CHECK(resumed.coordinator.state().privacy->releases == saved.privacy->releases);
  }
}

TEST_CASE("a private run is not resumed with the other kind of noise") {
  const std::array modes{PrivacyMode::kServer, PrivacyMode::kClient};
  for (std::size_t now = 0; now < modes.size(); ++now) {
    StrategyOptions options;
    options.privacy.emplace();
    options.privacy->mode = modes[now];
    options.privacy->clip = 1;
    options.privacy->noise = 2;
    const auto strategy = make_strategy(options);
    FakeJournal journal;
    test::CaptureLog log;
    Coordinator coordinator(rules_of(9, 1), *strategy, journal, log);
    RunState state;
    state.model = std::make_shared<const Model>(model_of({0, 0}));
    state.round = 3;
    state.privacy = PrivacyReport{modes[1 - now], 1, 1e-5, 1, 2, 1, {{1, 1, 3}}};
    const auto refused = coordinator.start(state);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::kInput);
    const std::string begun = privacy_mode_name(modes[1 - now]);
    CHECK(refused.error().message.starts_with("this run was begun with --dp-mode " + begun));
    CHECK(refused.error().hint.starts_with("resume with --dp-mode " + begun));
  }
}

TEST_CASE("a round without any drawn client is a round of a private run") {
  StrategyOptions options;
  options.privacy.emplace();
  options.privacy->clip = 1;
  options.privacy->noise = 1;
  options.privacy->sampling_rate = 1e-12;
  Hall hall(rules_of(2, 1), true, nullptr, options);
  hall.join("a");
  CHECK(hall.coordinator.done());
  CHECK(hall.round() == 2);
  CHECK(hall.model() != std::vector<double>{0, 0});
}

}  // namespace marvel::federate
