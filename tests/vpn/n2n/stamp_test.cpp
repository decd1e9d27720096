#include "vpn/n2n/stamp.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

constexpr std::uint64_t kNow = 1'700'000'000'123'456'789U;
constexpr std::uint64_t kMillisecond = 1'000'000;
using Jitter = StampFilter::Jitter;

TEST_CASE("a stamp has seconds and microseconds") {
  CHECK(stamp_at(kNow) == (std::uint64_t{1'700'000'000} << 32U | std::uint64_t{123'456} << 12U));
}

TEST_CASE("stamps grow even where the clock does not") {
  StampClock clock;
  const Stamp first = clock.draw(kNow);
  const Stamp second = clock.draw(kNow);
  CHECK(second > first);
  CHECK((second & 15U) == 0);
  CHECK(clock.draw(kNow - 5'000 * kMillisecond) > second);
}

TEST_CASE("old stamps and those of a wrong clock are refused") {
  StampFilter filter;
  CHECK_FALSE(filter.take(stamp_at(kNow - 16'000 * kMillisecond), kNow, Jitter::kNone));
  CHECK_FALSE(filter.take(stamp_at(kNow + 16'000 * kMillisecond), kNow, Jitter::kNone));
  CHECK(filter.take(stamp_at(kNow + 15'000 * kMillisecond), kNow, Jitter::kNone));
}

TEST_CASE("without jitter nothing passes twice") {
  StampFilter filter;
  CHECK(filter.take(stamp_at(kNow), kNow, Jitter::kNone));
  CHECK_FALSE(filter.take(stamp_at(kNow), kNow, Jitter::kNone));
  CHECK_FALSE(filter.take(stamp_at(kNow - kMillisecond), kNow, Jitter::kNone));
}

TEST_CASE("with jitter packets may overtake each other by 160 ms") {
  StampFilter filter;
  CHECK(filter.take(stamp_at(kNow), kNow, Jitter::kSome));
  CHECK(filter.take(stamp_at(kNow - 100 * kMillisecond), kNow, Jitter::kSome));
  CHECK_FALSE(filter.take(stamp_at(kNow - 200 * kMillisecond), kNow, Jitter::kSome));
  CHECK(filter.take(stamp_at(kNow - 200 * kMillisecond) | 1U, kNow, Jitter::kSome));
}

}  // namespace
}  // namespace marvel::vpn::n2n
