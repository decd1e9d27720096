#include "vpn/node/direct_path.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

const Endpoint kOne = Endpoint::from_ipv4(0xc0000201, 1);
const Endpoint kTwo = Endpoint::from_ipv4(0xc0000202, 2);

struct Path {
  SeededRandom random{1};
  DirectPath path{random};

  // Runs to `until`; the last token sent to `to`.
  std::uint64_t run(Time& now, Time until, const Endpoint& to) {
    std::uint64_t token = 0;
    for (; now < until; now += kTick) {
      for (const auto& due : path.due(now)) {
        ++probes;
        token = due.to == to ? due.token : token;
      }
    }
    return token;
  }
  int probes = 0;
};

}  // namespace

TEST_CASE("probes go to every candidate at 0, 50 and 200 ms, then each second for five") {
  Path path;
  Time now = seconds(10);
  path.path.punch(now, {kOne, kTwo});
  path.run(now, now + milliseconds(300), kOne);
  CHECK(path.probes == 6);
  path.run(now, seconds(30), kOne);
  CHECK(path.probes == 6 + 2 * 4);
  CHECK_FALSE(path.path.is_open());
}

TEST_CASE("only an answer that comes from where it was asked opens the path") {
  Path path;
  Time now = seconds(10);
  path.path.punch(now, {kOne});
  const auto token = path.run(now, now + milliseconds(50), kOne);
  CHECK_FALSE(path.path.answered(now, token, kTwo));
  CHECK_FALSE(path.path.answered(now, token + 1, kOne));
  CHECK(path.path.answered(now, token, kOne));
  CHECK(path.path.endpoint() == kOne);
  CHECK_FALSE(path.path.answered(now, token, kOne));
}

TEST_CASE("a path in use that answers no more is closed soon, and another attempt is due") {
  Path path;
  Time now = seconds(10);
  path.path.punch(now, {kOne});
  path.path.answered(now, path.run(now, now + milliseconds(50), kOne), kOne);
  const Time opened = now;
  while (path.path.is_open()) {
    path.path.used(now);
    path.path.due(now);
    now += kTick;
    REQUIRE(now - opened < seconds(2));
  }
  CHECK(path.path.wants_punch(now));
}

TEST_CASE("an idle path is probed seldom") {
  Path path;
  Time now = seconds(10);
  path.path.punch(now, {kOne});
  path.path.answered(now, path.run(now, now + milliseconds(50), kOne), kOne);
  path.probes = 0;
  const Time end = now + seconds(60);
  while (now < end) {
    for (const auto& due : path.path.due(now)) {
      ++path.probes;
      path.path.answered(now, due.token, kOne);
    }
    now += kTick;
  }
  CHECK(path.path.is_open());
  CHECK(path.probes <= 151);
}

TEST_CASE("a peer that is heard from elsewhere is asked there before it is answered there") {
  Path path;
  Time now = seconds(10);
  path.path.heard_from(now, kTwo);
  CHECK_FALSE(path.path.is_open());
  const auto token = path.run(now, now + milliseconds(50), kTwo);
  CHECK(token != 0);
  CHECK(path.path.answered(now, token, kTwo));
}

}  // namespace marvel::vpn
