// Whose name is whose, and who must still be told of the end.
#include "federate/server/fixture.hpp"

namespace marvel::federate {
namespace {

using test_server::Hall;
using test_server::rules_of;

SessionId join(Hall& hall, const std::string& name, const std::string& token) {
  SessionInfo info;
  info.name = name;
  info.peer = "ipv4:1.2.3.4";
  info.token = token;
  hall.coordinator.join(++hall.last, info, hall.now);
  hall.pump();
  return hall.last;
}

}  // namespace

TEST_CASE("a name is its process's while that is there") {
  Hall hall(rules_of(1, 9));
  const auto first = join(hall, "a", "secret");
  const auto stranger = join(hall, "a", "another");
  const auto legacy = join(hall, "a", "");
  CHECK(hall.closed == std::vector<SessionId>{stranger, legacy});
  CHECK(hall.coordinator.sessions() == 1);
  const auto back = join(hall, "a", "secret");
  CHECK(hall.closed == std::vector<SessionId>{stranger, legacy, first});
  hall.leave(back);
  join(hall, "a", "another");  // the first one is gone
  CHECK(hall.closed.size() == 3);
  CHECK(hall.coordinator.sessions() == 1);
}

TEST_CASE("clients that have no token replace each other as ever") {
  Hall hall(rules_of(1, 9));
  const auto first = join(hall, "a", "");
  join(hall, "a", "");
  CHECK(hall.closed == std::vector<SessionId>{first});
}

TEST_CASE("a client that is away at the end is awaited until it knows") {
  Hall hall(rules_of(1, 2));
  const auto a = join(hall, "a", "1");
  const auto b = join(hall, "b", "2");
  hall.fit(a, {1, 1});
  hall.leave(a);  // its answer is there
  CHECK(hall.coordinator.awaited() == 1);
  hall.fit(b, {3, 3});
  REQUIRE(hall.coordinator.done());
  hall.say(b, wire::Disconnect{});
  CHECK(hall.coordinator.sessions() == 0);
  CHECK(hall.coordinator.awaited() == 1);
  const auto back = join(hall, "a", "1");
  CHECK(hall.coordinator.awaited() == 0);
  CHECK(hall.has<wire::Reconnect>(back));
  hall.leave(back);  // the end has not reached it
  CHECK(hall.coordinator.awaited() == 1);
  hall.say(join(hall, "a", "1"), wire::Disconnect{});
  CHECK(hall.coordinator.awaited() == 0);
}

TEST_CASE("nobody waits for a client that was sent away") {
  Hall hall(rules_of(1, 1));
  const auto plain = join(hall, "plain", "1");
  hall.say(join(hall, "babbler", "2"), wire::EvaluateResult{});
  CHECK(hall.closed.size() == 1);
  CHECK(hall.coordinator.awaited() == 0);
  hall.fit(plain, {1, 1});
  REQUIRE(hall.coordinator.done());
  hall.coordinator.dismiss(hall.now);
  CHECK(hall.coordinator.awaited() == 0);
}

TEST_CASE("nobody waits for clients that came and went without being asked") {
  Hall hall(rules_of(1, 2));
  for (int i = 0; i < 1000; ++i) {
    hall.leave(join(hall, "stranger-" + std::to_string(i), "1"));
  }
  CHECK(hall.coordinator.awaited() == 0);
}

TEST_CASE("nobody waits for clients of Flower that hang up, nor for those that left long ago") {
  Hall hall(rules_of(5, 1));
  const auto old = join(hall, "old", "1");
  const auto plain = join(hall, "plain", "");
  hall.fit(old, {1, 1});
  hall.leave(old);  // asked in the second round
  hall.pass(Time(5000));
  for (double value = 1; value <= 4; ++value) {
    CHECK(hall.coordinator.awaited() == (value <= 3 ? 1 : 0));
    hall.fit(plain, {value, value});
  }
  REQUIRE(hall.coordinator.done());
  hall.leave(plain);
  CHECK(hall.coordinator.awaited() == 0);
}

}  // namespace marvel::federate
