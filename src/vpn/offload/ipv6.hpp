#pragma once

#include "vpn/offload/frame.hpp"

#include <optional>
#include <vector>

namespace marvel::vpn {

// IPv6 (RFC 8200) and the questions for neighbours (RFC 4861), as far as the VPN looks into frames.
// Frames come from members and from the machine, so any bytes are fine: nothing reads beyond the
// frame, and walks over headers end with it.
inline constexpr std::uint16_t kTypeIpv6 = 0x86dd;
inline constexpr std::size_t kIpv6Header = 40;
inline constexpr std::uint8_t kFragmentHeader = 44;  // the number of this extension header
using Ipv6 = Block<16>;

// Whether the fixed header is all there. What is behind it is not looked at.
bool has_ipv6_header(Bytes frame);
// The frame has an IPv6 header.
Ipv6 ipv6_source(Bytes frame);
Ipv6 ipv6_destination(Bytes frame);
std::string ipv6_text(const Ipv6& address);

// What the headers lead to: TCP, UDP, ICMPv6, or anything else that is no extension header. A
// routing header or a fragment makes a packet not `plain`: its checksum and place are not what they
// seem.
struct UpperLayer {
  std::uint8_t protocol = 0;
  std::size_t at = 0;  // of its first byte in the frame, which may be the end of the frame
  bool plain = true;   // the packet is no fragment, and the destination is its last one
};
// Of a later fragment the fragment header itself. Nothing where the headers do not end in the
// frame. The frame has an IPv6 header.
std::optional<UpperLayer> upper_layer(Bytes frame);
// The same of a packet without Ethernet's header; `at` is counted from its begin. It has at least
// kIpv6Header bytes, and may be cut off behind them.
std::optional<UpperLayer> upper_layer_of_packet(Bytes packet);

// Whether a kernel may take the frame for a message of neighbour discovery (133 to 137): also one
// behind extension headers, and a first fragment that leaves its kind open.
bool may_be_neighbour_message(Bytes frame);

// A neighbour solicitation: who has `target`?
struct NeighbourQuestion {
  Mac sender_mac{};
  Ipv6 sender{};  // all zero: the machine asks whether its own address is free
  Ipv6 target{};
};
// Nothing for one behind extension headers, or that came over a router (hop limit below 255).
std::optional<NeighbourQuestion> read_neighbour_question(Bytes frame);
// The answer, a solicited advertisement: `target_mac` has it.
std::vector<std::uint8_t> neighbour_answer(const NeighbourQuestion& question,
                                           const Mac& target_mac);

}  // namespace marvel::vpn
