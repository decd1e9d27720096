#include "vpn/node/train_arrival.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("the later half of a train tells its speed, whatever came first at once") {
  TrainArrival arrival;
  Time now = seconds(1);
  constexpr std::size_t kBytes = 1000;
  for (std::uint16_t number = 0; number < 100; ++number) {
    now += number < 40 ? Duration{0} : Duration{milliseconds(1)};  // 40 pass a bucket
    arrival.add(now, {7, number, 100, 0}, kBytes, true);
  }
  CHECK(arrival.whole());
  const TrainReport report = arrival.report();
  CHECK(report.packets == 100);
  CHECK(*speed_of(report) == doctest::Approx(1e6).epsilon(0.01));
}

TEST_CASE("a train that comes at once is faster than can be told") {
  TrainArrival arrival;
  for (std::uint16_t number = 0; number < 10; ++number) {
    arrival.add(seconds(1), {7, number, 10, 0}, 1000, true);
  }
  CHECK_FALSE(speed_of(arrival.report()));
}

TEST_CASE("a train in two heaps is measured from the first") {
  TrainArrival arrival;
  for (std::uint16_t number = 0; number < 10; ++number) {
    arrival.add(seconds(1) + (number < 4 ? milliseconds(0) : milliseconds(6)), {7, number, 10, 0},
                1000, true);
  }
  CHECK(*speed_of(arrival.report()) == doctest::Approx(1e6));
}

TEST_CASE("another train begins anew where anyone may send one, and counts nothing elsewhere") {
  TrainArrival arrival;
  arrival.expect(seconds(1), 7);
  arrival.add(seconds(1), {8, 0, 10, 0}, 1000, false);
  CHECK(arrival.empty());
  arrival.add(seconds(1), {7, 0, 10, 0}, 1000, false);
  arrival.add(seconds(1), {8, 0, 10, 0}, 1000, true);
  CHECK(arrival.token() == 8);
  CHECK(arrival.report().packets == 1);
}

}  // namespace marvel::vpn
