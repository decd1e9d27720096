#include "regex/race.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {

TEST_CASE("both are tried, then the faster one works") {
  Race race;
  CHECK(race.next(1'000) == 0);
  race.note(0, 1'000, 4.0);
  CHECK(race.next(1'000) == 1);
  race.note(1, 1'000, 1.0);
  for (int i = 0; i < 50; ++i) {
    CHECK(race.next(1'000) == 1);
    race.note(1, 1'000, 1.0);
  }
}

TEST_CASE("the slower one gets another chance when that is cheap, and may win") {
  Race race;
  race.note(0, 1'000, 4.0);
  race.note(1, 1'000, 1.0);
  int slow = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto way = race.next(1'000);
    slow += way == 0 ? 1 : 0;
    race.note(way, 1'000, way == 0 ? 4.0 : 1.0);
  }
  CHECK(slow >= 10);
  CHECK(slow <= 15);
  // The text changes.
  int now_fast = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto way = race.next(1'000);
    now_fast += way == 0 ? 1 : 0;
    race.note(way, 1'000, way == 0 ? 0.1 : 1.0);
  }
  CHECK(now_fast > 800);
}

TEST_CASE("work is done once, whoever does it") {
  Race race;
  int first = 0;
  int second = 0;
  for (int i = 0; i < 10; ++i) {
    race.run(10, [&] { ++first; }, [&] { ++second; });
  }
  CHECK(first + second == 10);
  CHECK(first > 0);
  CHECK(second > 0);
}

}  // namespace marvel::regex
