#pragma once

#include "vpn/bytes.hpp"

namespace marvel::vpn {

inline constexpr std::uint8_t kTcpChecksum = 16;  // offset in the header of TCP
inline constexpr std::size_t kShortestTcp = 20;

// TCP packets as nearly all are: IPv4 without options, IPv6 without extension headers.

// Where TCP begins in such a frame, with its fixed header all there; 0 in every other frame.
std::size_t tcp_at(Bytes frame);
// Whether it is no fragment and as long as IP says.
bool is_whole_tcp(Bytes frame, std::size_t tcp);
// Sets the length that IP says to the frame's, and IPv4's checksum.
void set_ip_length(MutableBytes frame, std::size_t tcp);

}  // namespace marvel::vpn
