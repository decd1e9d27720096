// Updates that come after their round has ended: dropped, or carried into the next one.
#include "federate/server/fixture.hpp"

#include <algorithm>
#include <iterator>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace test_server;

}  // namespace

TEST_CASE("at the deadline a quorum is enough, and a late update is dropped") {
  auto rules = rules_of(2, 3);
  rules.min_results = 2;
  rules.deadline = Time(1000);
  Hall hall(rules);
  const auto [a, b, c] = hall.join_all("a", "b", "c");
  hall.fit(a, {2, 2});
  hall.fit(b, {4, 4});
  CHECK(hall.coordinator.wake_at() == Time(1000));
  hall.pass(Time(999));
  CHECK(hall.round() == 0);
  hall.pass(Time(1));
  CHECK(hall.round() == 1);
  CHECK(hall.model() == std::vector<double>{3, 3});
  CHECK(hall.journal.reports[0].count(Fate::kLate) == 1);
  hall.fit(c, {90, 90});  // c was busy when round 2 began, so only a and b... three are needed
  CHECK(hall.has<wire::Fit>(a));
  CHECK(hall.model() == std::vector<double>{3, 3});
}

TEST_CASE("a late update is carried into the round under way when asked to") {
  auto rules = rules_of(2, 1);
  rules.min_results = 1;
  rules.deadline = Time(1000);
  rules.carry_late = true;
  Hall hall(rules);
  rules.min_available = 2;
  const auto a = hall.join("a");
  hall.pass(Time(1000));  // nobody answered: the round goes on
  CHECK(hall.round() == 0);
  const auto b = hall.join("b");
  REQUIRE(hall.has<wire::Fit>(b));  // asked to help
  hall.fit(b, {2, 2});
  REQUIRE(hall.round() == 1);
  hall.fit(a, {4, 4});
  hall.fit(b, {6, 6});
  CHECK(hall.model() == std::vector<double>{5, 5});
  CHECK(hall.journal.reports[1].carried == 1);
}

TEST_CASE("a late update that comes while the model is evaluated waits for the next round") {
  int carried = 0;
  int asked_anew = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    auto rules = rules_of(2, 3);
    rules.clients_per_round = 2;
    rules.min_results = 1;
    rules.deadline = Time(1000);
    rules.carry_late = true;
    rules.evaluate = true;
    rules.evaluate_clients = 1;
    rules.seed = seed;
    Hall hall(rules);
    const auto ids = hall.join_all("a", "b", "c");
    std::vector<SessionId> asked;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(asked),
                 [&](SessionId id) { return hall.has<wire::Fit>(id); });
    REQUIRE(asked.size() == 2);
    hall.fit(asked[0], {2, 2});
    hall.pass(Time(1000));
    REQUIRE(hall.round() == 1);
    hall.fit(asked[1], {4, 4});
    CHECK(hall.model() == std::vector<double>{2, 2});
    for (const auto id : ids) {
      if (hall.has<wire::Evaluate>(id)) {
        hall.say(id, wire::EvaluateResult{{}, 1.0F, 10, {}});
      }
    }
    const bool again = hall.count<wire::Fit>(asked[1]) > 1;
    for (const auto id : ids) {
      if (hall.has<wire::Fit>(id)) {
        hall.fit(id, {6, 6});
      }
    }
    REQUIRE(hall.round() == 2);
    CHECK(hall.journal.saved.back().unreported->carried == (again ? 0 : 1));
    ++(again ? asked_anew : carried);
  }
  CHECK(carried > 0);
  CHECK(asked_anew > 0);
}

}  // namespace marvel::federate
