#pragma once

#include "vpn/constants.hpp"
#include "vpn/io/fd.hpp"

#include <initializer_list>
#include <vector>

namespace marvel::vpn {

// Waits for any of a few descriptors (epoll), and reads the clock that nodes are driven by.
//
//   Poller poller;
//   poller.watch(socket.fd());
//   for (const int fd : poller.wait(next_tick - Poller::now())) { .. }
//
// A descriptor is told of again and again as long as there is something to read, so whoever takes
// only part of it misses nothing. One thread.
class Poller {
 public:
  Poller();
  // The descriptor stays its owner's, and is watched until it is closed. One that cannot be
  // watched, or is already, is a mistake of the caller (MARVEL_CHECK).
  void watch(int fd);
  // Those that can be read now, at most 8 of them; none after `limit`, or when a signal came. Of
  // more than 8 the others follow with the next call. Waits in whole milliseconds, rounded up; not
  // at all when `limit` is 0 or less. The list lives until the next call.
  const std::vector<int>& wait(Duration limit);

  // Since the machine was started (CLOCK_BOOTTIME), its sleep included: sessions and certificates
  // end meanwhile. From any thread.
  static Time now();
  // What the calendar says, in nanoseconds since 1970, less now(). Another value when somebody has
  // set the clock: nodes ask again with each tick.
  static std::uint64_t unix_ns_at_zero();

 private:
  Fd epoll_;
  std::vector<int> ready_;
};

}  // namespace marvel::vpn
