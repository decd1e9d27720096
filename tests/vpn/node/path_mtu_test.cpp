#include "vpn/node/path_mtu.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

// A path that takes datagrams up to `limit`, watched for `span`.
void live(PathMtu& mtu, Time& now, Duration span, std::size_t limit) {
  for (const Time end = now + span; now < end; now += milliseconds(50)) {
    static std::uint64_t token = 1;
    const auto due = mtu.due(now, ++token);
    if (due && due->size <= limit) {
      mtu.answered(now + milliseconds(10), due->token);
    }
  }
}

}  // namespace

TEST_CASE("a path that takes everything is known after one round trip") {
  PathMtu mtu(1450);
  Time now = seconds(1);
  mtu.restart(now);
  CHECK(mtu.size() == kSmallestPath);
  live(mtu, now, milliseconds(100), 1500);
  CHECK(mtu.size() == 1450);
}

TEST_CASE("a smaller path is found within seconds, and never overstated") {
  for (const std::size_t limit : {1300U, 1232U, 1000U, 800U}) {
    CAPTURE(limit);
    PathMtu mtu(1450);
    Time now = seconds(1);
    mtu.restart(now);
    live(mtu, now, seconds(4), limit);
    CHECK(mtu.size() <= limit);
    CHECK(mtu.size() == (limit >= 1232 ? 1232 : kSmallestPath));
  }
}

TEST_CASE("a path that shrinks is noticed, and one that grows as well") {
  PathMtu mtu(1450);
  Time now = seconds(1);
  mtu.restart(now);
  live(mtu, now, seconds(1), 1500);
  live(mtu, now, seconds(15), 1250);
  CHECK(mtu.size() == 1232);
  live(mtu, now, seconds(90), 1500);
  CHECK(mtu.size() == 1450);
}

TEST_CASE("answers to other questions count for nothing") {
  PathMtu mtu(1450);
  mtu.restart(seconds(1));
  const auto due = mtu.due(seconds(1), 7);
  REQUIRE(due);
  mtu.answered(seconds(1), 8);
  CHECK(mtu.size() == kSmallestPath);
}

}  // namespace marvel::vpn
