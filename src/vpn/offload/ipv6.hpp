#pragma once

#include "vpn/offload/frame.hpp"

#include <optional>
#include <vector>

namespace marvel::vpn {

// IPv6 (RFC 8200) and the questions for neighbours (RFC 4861), as far as the VPN looks into frames.
inline constexpr std::uint16_t kTypeIpv6 = 0x86dd;
inline constexpr std::size_t kIpv6Header = 40;
using Ipv6 = Block<16>;

bool has_ipv6_header(Bytes frame);
// The frame has an IPv6 header.
Ipv6 ipv6_source(Bytes frame);
Ipv6 ipv6_destination(Bytes frame);
std::string ipv6_text(const Ipv6& address);

// A neighbour solicitation: who has `target`?
struct NeighbourQuestion {
  Mac sender_mac{};
  Ipv6 sender{};  // all zero: the machine asks whether its own address is free
  Ipv6 target{};
};
std::optional<NeighbourQuestion> read_neighbour_question(Bytes frame);
// The answer, a solicited advertisement: `target_mac` has it.
std::vector<std::uint8_t> neighbour_answer(const NeighbourQuestion& question,
                                           const Mac& target_mac);

}  // namespace marvel::vpn
