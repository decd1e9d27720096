#include "vpn/node/direct_path.hpp"

#include "vpn/support.hpp"

#include <map>

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

TEST_CASE("a peer that is heard often from elsewhere is asked there once a round") {
  Path path;
  Time now = seconds(10);
  path.path.punch(now, {kOne});
  for (int at = 0; at < 10; ++at) {
    path.path.heard_from(now, kTwo);
  }
  path.run(now, now + kTick, kTwo);
  CHECK(path.probes == 2);
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

namespace {

// A path that answers after a round trip, or never.
struct Slow {
  explicit Slow(Duration answers_after) : round_trip(answers_after) {
    slow.path.punch(now, {kOne});
    live(round_trip + kTick, true);
  }
  // For `span`; whether it was open all the time.
  bool live(Duration span, bool in_use) {
    bool open = true;
    for (const Time end = now + span; now < end; now += kTick) {
      if (in_use) {
        slow.path.used(now);
      }
      for (const auto& due : slow.path.due(now)) {
        answers.emplace(now + round_trip, due.token);
      }
      open = open && slow.path.is_open();
      for (; !answers.empty() && answers.begin()->first <= now; answers.erase(answers.begin())) {
        if (answering) {
          slow.path.answered(now, answers.begin()->second, kOne);
        }
      }
    }
    return open;
  }

  Duration round_trip;
  bool answering = true;
  Path slow;
  Time now{seconds(10)};
  std::multimap<Time, std::uint64_t> answers;
};

}  // namespace

TEST_CASE("a path whose answers take long stays open, and one that loses them does not") {
  for (const int ms : {300, 1500, 2500}) {
    CAPTURE(ms);
    Slow path{milliseconds(ms)};
    REQUIRE(path.slow.path.is_open());
    CHECK(path.live(seconds(20), true));
    CHECK(path.live(seconds(30), false));
    CHECK(path.live(seconds(20), true));
    CHECK(path.slow.path.loss().share() == 0.0);
    path.answers.clear();  // what is under way is lost
    CHECK(path.live(seconds(20), true));
    path.answering = false;
    CHECK_FALSE(path.live(4 * path.round_trip + seconds(2), true));
  }
}

}  // namespace marvel::vpn
