#include "vpn/node/path_mtu.hpp"

#include "vpn/support.hpp"

#include <map>

namespace marvel::vpn {
namespace {

// A path that takes datagrams up to `limit` and answers after a round trip.
struct Path {
  std::size_t limit;
  Duration round_trip;
  std::multimap<Time, std::uint64_t> answers;
  std::uint64_t token = 1;

  // Watched for `span`.
  void live(PathMtu& mtu, Time& now, Duration span) {
    for (const Time end = now + span; now < end; now += milliseconds(50)) {
      for (; !answers.empty() && answers.begin()->first <= now; answers.erase(answers.begin())) {
        mtu.answered(now, answers.begin()->second);
      }
      const auto due = mtu.due(now, ++token);
      if (due && due->size <= limit) {
        answers.emplace(now + round_trip, due->token);
      }
    }
  }
};

void live(PathMtu& mtu, Time& now, Duration span, std::size_t limit) {
  Path{limit, milliseconds(10), {}}.live(mtu, now, span);
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

TEST_CASE("a size is found and kept however long answers take") {
  for (const int ms : {300, 700, 1500, 2500}) {
    for (const std::size_t limit : {1500U, 1300U, 1000U}) {
      CAPTURE(ms);
      CAPTURE(limit);
      PathMtu mtu(1450);
      Time now = seconds(1);
      mtu.restart(now);
      Path path{limit, milliseconds(ms), {}};
      path.live(mtu, now, seconds(9));
      const std::size_t best = limit == 1500 ? 1450 : limit == 1300 ? 1232 : kSmallestPath;
      CHECK(mtu.size() == best);
      for (int at = 0; at < 240; ++at) {
        path.live(mtu, now, milliseconds(500));
        REQUIRE(mtu.size() == best);
      }
    }
  }
}

TEST_CASE("a path that becomes slow is not taken for a small one for long") {
  PathMtu mtu(1450);
  Time now = seconds(1);
  mtu.restart(now);
  Path path{1500, milliseconds(20), {}};
  path.live(mtu, now, seconds(25));
  path.round_trip = milliseconds(1500);
  path.live(mtu, now, seconds(15));
  CHECK(mtu.size() == 1450);
}

TEST_CASE("a path is known once a probe was answered, and never where none is") {
  PathMtu path(9000);
  Time now = seconds(1);
  path.restart(now);
  CHECK_FALSE(path.is_known());
  for (std::uint64_t token = 1; token < 400; ++token, now += kTick) {
    CHECK_FALSE(path.is_known());
    path.due(now, token);
  }
  path.restart(now);
  for (std::uint64_t token = 1000; !path.is_known() && token < 1400; ++token, now += kTick) {
    if (const auto due = path.due(now, token); due && due->size <= 1452) {
      path.answered(now, due->token);
    }
  }
  CHECK(path.is_known());
  CHECK(path.size() == 1452);
}

}  // namespace marvel::vpn
