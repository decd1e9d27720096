#pragma once

#include "base/result.hpp"
#include "vpn/bytes.hpp"
#include "vpn/constants.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <optional>

namespace marvel::vpn {

// Echo requests of ICMP (RFC 792) to one address, as ping(8) sends them. One thread.
class IcmpPing {
 public:
  // kDenied where the system lets this user send none: root may, others by
  // net.ipv4.ping_group_range.
  static Result<IcmpPing> open(Ipv4 target);

  // One question; the round trip, or nothing when no answer came within `limit`.
  std::optional<Duration> ask(Duration limit);

 private:
  IcmpPing(Fd fd, bool is_raw)
      : fd_(std::move(fd)), is_raw_(is_raw), identifier_(static_cast<std::uint16_t>(::getpid())) {}
  [[nodiscard]] bool is_answer(Bytes packet) const;

  Fd fd_;
  bool is_raw_;
  std::uint16_t identifier_;
  std::uint16_t sequence_ = 0;
};

}  // namespace marvel::vpn
