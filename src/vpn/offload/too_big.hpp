#pragma once

#include "vpn/offload/ipv6.hpp"

namespace marvel::vpn {

// What a router says of a packet that the next link does not take: "fragmentation needed" of ICMP
// (RFC 1191) and "packet too big" of ICMPv6 (RFC 4443, 3.2). The machine then sends smaller ones.

// Who says it. The machine takes no packet from its own addresses, so it is the peer that the
// packet was for.
struct TooBigFrom {
  Mac mac{};
  Ipv4 ipv4 = 0;  // 0: not known
  Ipv6 ipv6{};
};

inline constexpr std::size_t kQuotedByTooBig = 128;  // bytes of the packet: its headers
inline constexpr std::size_t kLargestTooBig = kEthernet + kIpv6Header + 8 + kQuotedByTooBig;

// The report about `frame`, to who has sent it, as a whole frame at the begin of `room`, which has
// kLargestTooBig zeros. `mtu`: bytes of the largest IP packet that passes. Empty for a frame that
// has no IP header, and where the address to say it from is not known.
Bytes write_too_big(Bytes frame, const TooBigFrom& from, std::size_t mtu, MutableBytes room);

}  // namespace marvel::vpn
