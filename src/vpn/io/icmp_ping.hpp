#pragma once

#include "base/result.hpp"
#include "vpn/bytes.hpp"
#include "vpn/constants.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <optional>

namespace marvel::vpn {

// Echo requests of ICMP (RFC 792) to one address, as ping(8) sends them. One thread.
//
//   MARVEL_TRY(IcmpPing ping, IcmpPing::open(target));
//   const auto round_trip = ping.ask(seconds(1));   // nothing: no answer in time
//
// A request has 64 bytes with its header. It is answered by the machine of that address itself, so
// it measures a path without a program at the other end.
class IcmpPing {
 public:
  // kDenied where the system lets this user send none: root may, others by
  // net.ipv4.ping_group_range. Nothing is sent yet. A socket for echoes alone is tried first, then
  // a raw one, which sees all echoes of the machine and picks out its own.
  static Result<IcmpPing> open(Ipv4 target);

  // One question; the round trip, or nothing when no answer came within `limit`. Waits for it.
  // Answers to former questions are passed over, so one that comes late is not taken for the next
  // one's.
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
