#pragma once

#include "vpn/constants.hpp"

#include <cstdint>

namespace marvel::vpn::n2n {

// Stamps in encrypted headers: 32 bits of seconds since 1970, 20 of microseconds, 8 that count, 4
// of flags, of which the lowest tells of a clock too coarse for microseconds.
//
//   63          32 31      12 11    4 3     0
//   seconds        us         count   flags
//
// They are n2n's only means against replay, and depend on clocks: nodes whose clocks differ by 16 s
// or more do not hear each other where headers are encrypted. As numbers they grow with time, so
// they are compared as such.
using Stamp = std::uint64_t;
// Of this time, in nanoseconds since 1970, with zeros for count and flags.
Stamp stamp_at(std::uint64_t unix_ns);

// Draws stamps, each larger than the one before: where the clock stands or goes back, the count
// goes on. One for each sender; one thread at a time.
class StampClock {
 public:
  Stamp draw(std::uint64_t unix_ns);

 private:
  Stamp last_ = 0;
};

// The rule by which stamps of one sender are taken. It stops what is older than 16 s, or than the
// newest one by more than the jitter; a datagram that is repeated within the jitter passes. It also
// stops what is 16 s or more ahead. 8 bytes, no list of what was seen: that is n2n's rule, and why
// a repeated frame may be delivered twice.
class StampFilter {
 public:
  // kNone is for registrations and their answers, which are in order; kSome for what may be
  // overtaken on its way, by 160 ms, or 41 s where the sender's clock is coarse.
  enum class Jitter { kNone, kSome };  // kSome: 160 ms
  // Whether this one is taken at this time; it then counts as the newest if it is. The first one of
  // a sender is taken whatever it is, within the 16 s.
  bool take(Stamp stamp, std::uint64_t unix_ns, Jitter jitter);

 private:
  Stamp newest_ = 0;
};

}  // namespace marvel::vpn::n2n
