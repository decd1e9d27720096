#include "vpn/node/rate_meter.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("a steady flow is told as it is, and silence is seen within seconds") {
  RateMeter meter;
  std::uint64_t count = 0;
  Time now = seconds(100);
  for (int at = 0; at < 600; ++at, now += kTick) {
    meter.update(now, count);
    count += 50;  // 1000 per second
  }
  CHECK(meter.per_second() == doctest::Approx(1000).epsilon(0.01));
  for (int at = 0; at < 300; ++at, now += kTick) {
    meter.update(now, count);
  }
  CHECK(meter.per_second() < 60);
}

TEST_CASE("what was counted before the first look is not a burst") {
  RateMeter meter;
  meter.update(seconds(1), 1'000'000);
  meter.update(seconds(2), 1'000'000);
  CHECK(meter.per_second() == 0);
}

}  // namespace marvel::vpn
