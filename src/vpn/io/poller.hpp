#pragma once

#include "vpn/constants.hpp"
#include "vpn/io/fd.hpp"

#include <initializer_list>
#include <vector>

namespace marvel::vpn {

// Waits for any of a few descriptors (epoll), and reads the clock that nodes are driven by.
class Poller {
 public:
  Poller();
  void watch(int fd);
  // Those that can be read now; none after `limit`, or when a signal came.
  const std::vector<int>& wait(Duration limit);

  static Time now();
  // What the calendar says, in nanoseconds since 1970, less now().
  static std::uint64_t unix_ns_at_zero();

 private:
  Fd epoll_;
  std::vector<int> ready_;
};

}  // namespace marvel::vpn
