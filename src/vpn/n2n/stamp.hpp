#pragma once

#include "vpn/constants.hpp"

#include <cstdint>

namespace marvel::vpn::n2n {

// Stamps in encrypted headers: 32 bits of seconds since 1970, 20 of microseconds, 8 that count, 4
// of flags, of which the lowest tells of a clock too coarse for microseconds.
using Stamp = std::uint64_t;
Stamp stamp_at(std::uint64_t unix_ns);

// Draws stamps, each larger than the one before.
class StampClock {
 public:
  Stamp draw(std::uint64_t unix_ns);

 private:
  Stamp last_ = 0;
};

// The rule by which stamps of one sender are taken. It stops what is older than 16 s, or than the
// newest one by more than the jitter; a datagram that is repeated within the jitter passes.
class StampFilter {
 public:
  enum class Jitter { kNone, kSome };  // kSome: 160 ms
  // Whether this one is taken; it then counts as the newest if it is.
  bool take(Stamp stamp, std::uint64_t unix_ns, Jitter jitter);

 private:
  Stamp newest_ = 0;
};

}  // namespace marvel::vpn::n2n
