#pragma once

#include "base/result.hpp"
#include "vpn/constants.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <optional>

namespace marvel::vpn {

// Echo requests of ICMP (RFC 792) to one address, as ping(8) sends them. The kernel checks and
// matches the answers. One thread.
class IcmpPing {
 public:
  // kDenied where the system lets this user send none (net.ipv4.ping_group_range).
  static Result<IcmpPing> open(Ipv4 target);

  // One question; the round trip, or nothing when no answer came within `limit`.
  std::optional<Duration> ask(Duration limit);

 private:
  explicit IcmpPing(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::uint16_t sequence_ = 0;
};

}  // namespace marvel::vpn
