#include "vpn/n2n/stamp.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;  // ns
constexpr Stamp kFrame = 0x1000000000;            // 16 s
constexpr Stamp kJitter = 0x27100000;             // 160 ms
constexpr unsigned kCoarseShift = 8;              // times 256 for a clock that counts only
constexpr Stamp kCoarse = 1;
constexpr Stamp kStep = 16;  // of the counter

}  // namespace

Stamp stamp_at(std::uint64_t unix_ns) {
  return (unix_ns / kSecond) << 32U | (unix_ns % kSecond / 1000) << 12U;
}

Stamp StampClock::draw(std::uint64_t unix_ns) {
  last_ = std::max(stamp_at(unix_ns), last_ + kStep);
  return last_;
}

bool StampFilter::take(Stamp stamp, std::uint64_t unix_ns, Jitter jitter) {
  const Stamp now = stamp_at(unix_ns);
  const Stamp distance = stamp > now ? stamp - now : now - stamp;
  if (distance >= kFrame) {
    return false;
  }
  const Stamp span =
      jitter == Jitter::kNone ? 0 : kJitter << ((stamp & kCoarse) != 0 ? kCoarseShift : 0);
  if (newest_ != 0 && stamp + span <= newest_) {
    return false;
  }
  newest_ = std::max(newest_, stamp);
  return true;
}

}  // namespace marvel::vpn::n2n
