#include "vpn/channel/replay_window.hpp"

#include "vpn/support.hpp"

#include <set>

namespace marvel::vpn {

TEST_CASE("a replayed counter is rejected") {
  ReplayWindow window;
  CHECK(window.accept(0));
  CHECK_FALSE(window.accept(0));
  CHECK(window.accept(1));
  CHECK(window.accept(9000));
  CHECK_FALSE(window.accept(9000));
  CHECK_FALSE(window.accept(1));
}

TEST_CASE("a counter is late, but not too late") {
  ReplayWindow window;
  CHECK(window.accept(20000));
  CHECK(window.accept(20000 - ReplayWindow::kReach));
  CHECK_FALSE(window.accept(20000 - ReplayWindow::kReach - 1));
}

TEST_CASE("a jump over the whole window forgets all of it") {
  ReplayWindow window;
  for (std::uint64_t counter = 0; counter < 200; ++counter) {
    CHECK(window.accept(counter));
  }
  CHECK(window.accept(1'000'000));
  CHECK(window.accept(1'000'000 - 200));
}

TEST_CASE("the window agrees with a set of all counters, in any order") {
  for (std::uint64_t seed = 0; seed < seeds(50); ++seed) {
    CAPTURE(seed);
    CounterRng rng(seed);
    ReplayWindow window;
    std::set<std::uint64_t> seen;
    std::uint64_t base = rng.below(100);
    for (int step = 0; step < 2000; ++step) {
      base += rng.below(rng.below(20) == 0 ? 20000 : 3);
      const std::uint64_t back = rng.below(rng.below(4) == 0 ? 9000 : 100);
      const std::uint64_t counter = base > back ? base - back : 0;
      const std::uint64_t highest = seen.empty() ? 0 : *seen.rbegin();
      const bool too_old = counter + ReplayWindow::kReach < highest;
      const bool expected = !too_old && !seen.contains(counter);
      REQUIRE(window.accept(counter) == expected);
      if (expected) {
        seen.insert(counter);
      }
    }
  }
}

}  // namespace marvel::vpn
