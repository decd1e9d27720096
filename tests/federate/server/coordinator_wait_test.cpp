// How long a round waits, and for whom.
#include "federate/server/fixture.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr Time kMinute{60000};
constexpr Time kHour = 60 * kMinute;

}  // namespace

TEST_CASE("without a deadline one silent client holds a round up for an hour, not for ever") {
  Hall hall(rules_of(2, 2));
  const auto [a, silent] = hall.join_all("a", "silent");
  hall.pass(kMinute);
  hall.fit(a, {2, 2});
  CHECK(hall.coordinator.wake_at() == kHour);
  hall.pass(59 * kMinute);
  hall.pass(Time(1));
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{2, 2});
  CHECK(hall.journal.reports[0].count(Fate::kLate) == 1);
  CHECK(hall.count<wire::Fit>(silent) == 1);
}

TEST_CASE("a slow client gets ten times as long as the slowest answer, late ones included") {
  auto rules = rules_of(3, 2);
  rules.least_patience = kMinute;
  Hall hall(rules);
  const auto [fast, slow] = hall.join_all("fast", "slow");
  hall.pass(Time(1000));
  hall.fit(fast, {2, 2});
  hall.pass(59 * Time(1000));
  hall.pass(Time(1));
  REQUIRE(hall.round() == 1);  // slow is cut off once
  hall.pass(4 * kMinute);
  hall.fit(slow, {9, 9});
  hall.fit(fast, {4, 4});
  REQUIRE(hall.round() == 2);
  hall.pass(Time(1000));
  hall.fit(fast, {6, 6});
  hall.pass(30 * kMinute);
  CHECK(hall.round() == 2);
  hall.fit(slow, {8, 8});
  CHECK(hall.round() == 3);
  CHECK(hall.model() == std::vector<double>{7, 7});
}

TEST_CASE("as long as nobody has answered others are asked, and nobody is given up") {
  auto rules = rules_of(1, 2);
  rules.clients_per_round = 1;
  Hall hall(rules);
  const auto [a, b] = hall.join_all("a", "b");
  const bool a_first = hall.has<wire::Fit>(a);
  const auto first = a_first ? a : b;
  const auto other = a_first ? b : a;
  CHECK_FALSE(hall.has<wire::Fit>(other));
  hall.pass(kHour);
  CHECK(hall.has<wire::Fit>(other));
  hall.pass(kHour);
  CHECK(hall.round() == 0);
  hall.fit(first, {2, 2});
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{2, 2});
}

TEST_CASE("a client whose late update is in the round is not asked in place of another") {
  auto rules = rules_of(2, 2);
  rules.clients_per_round = 2;
  rules.carry_late = true;
  rules.deadline = Time(1000);
  Hall hall(rules);
  const auto [a, late, c] = hall.join_all("a", "late", "c");
  hall.fit(a, {0, 0});
  hall.pass(Time(1000));  // c helps out
  hall.fit(c, {0, 0});
  REQUIRE(hall.round() == 1);
  hall.fit(late, {4, 4});
  hall.fit(a, {2, 2});
  hall.leave(c);
  hall.pass(Time(5000));
  CHECK(hall.count<wire::Fit>(late) == 1);
  REQUIRE(hall.round() == 2);
  CHECK(hall.model() == std::vector<double>{3, 3});
  CHECK(hall.journal.reports[1].carried == 1);
  CHECK(hall.coordinator.state().histories.at("late").merged == 1);
}

TEST_CASE("a round of coins is not ended without its clients, because nobody may join it later") {
  StrategyOptions options;
  options.privacy.emplace();
  options.privacy->clip = 1;
  options.privacy->noise = 1;
  options.privacy->expected = 2;
  for (const bool any : {true, false}) {
    CAPTURE(any);
    Hall hall(rules_of(1, 2), true, nullptr, options);
    const auto [a, b] = hall.join_all("a", "b");
    const auto c = hall.join("c");
    hall.pass(2 * kHour);
    CHECK(hall.round() == 0);
    CHECK_FALSE(hall.has<wire::Fit>(c));
    if (any) {
      hall.fit(a, {1, 1});
    }
    hall.pass(17 * kHour);
    CHECK(hall.round() == 0);
    hall.pass(any ? kHour : 5 * kHour);
    CHECK(hall.round() == 1);
    CHECK(hall.journal.reports[0].count(Fate::kMerged) == (any ? 1 : 0));
    CHECK(hall.has<wire::Fit>(b));
  }
}

TEST_CASE("an evaluation without an answer ends, too") {
  auto rules = rules_of(1, 1);
  rules.evaluate = true;
  Hall hall(rules);
  const auto a = hall.join("a");
  hall.fit(a, {1, 1});
  REQUIRE(hall.has<wire::Evaluate>(a));
  hall.pass(kHour);
  CHECK(hall.coordinator.done());
}

TEST_CASE("when all are refused they are asked once more, and then the round is void") {
  Hall hall(rules_of(2, 2));
  const auto [a, b] = hall.join_all("a", "b");
  hall.fit(a, {kNan, 1});
  CHECK(hall.count<wire::Fit>(a) == 1);  // b may still be fine
  hall.fit(b, {kNan, 1});
  CHECK(hall.count<wire::Fit>(a) == 2);
  hall.fit(a, {kNan, 1});
  hall.fit(b, {kNan, 1});
  REQUIRE(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{0, 0});
  CHECK(hall.journal.reports[0].void_reason ==
        "0 of 2 answers that it needs, and others were refused");
  CHECK(hall.journal.reports[0].count(Fate::kRefused) == 2);
  hall.fit(a, {2, 2});
  hall.fit(b, {4, 4});
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("where all must answer, a refused one gets a second chance, and no third") {
  for (const bool better : {true, false}) {
    CAPTURE(better);
    Hall hall(strict_rules(2));
    const auto [a, b] = hall.join_all("a", "b");
    hall.fit(a, {2, 2});
    hall.fit(b, {kNan, 1});
    REQUIRE(hall.round() == 0);
    REQUIRE(hall.count<wire::Fit>(b) == 2);
    hall.fit(b, {better ? 4 : kNan, 4});
    CHECK(hall.round() == 1);
    CHECK(hall.model() == (better ? std::vector<double>{3, 3} : std::vector<double>{0, 0}));
    CHECK(hall.coordinator.state().histories.at("a").merged == (better ? 1 : 0));
    CHECK(hall.journal.reports[0].count(Fate::kVoid) == (better ? 0 : 1));
    CHECK(hall.coordinator.done());
  }
}

}  // namespace marvel::federate
