#pragma once

#include "vpn/bytes.hpp"

namespace marvel::vpn {

inline constexpr std::uint8_t kTcpChecksum = 16;  // offset in the header of TCP
// Bytes of TCP's header without options.
inline constexpr std::size_t kShortestTcp = 20;

// TCP packets as nearly all are: IPv4 without options, IPv6 without extension headers. Others are
// no mistake, they are only not joined (Coalescer) and not vouched for (verify_checksum). Three
// steps, each asking for the one before it:
//
//   const std::size_t tcp = tcp_at(frame);            // 34 over IPv4, 54 over IPv6, 0
//   tcp != 0 && is_whole_tcp(frame, tcp)              // before its payload is touched
//   set_ip_length(frame, tcp);                        // after the frame got longer or shorter

// Where TCP begins in such a frame, with its fixed header all there; 0 in every other frame.
std::size_t tcp_at(Bytes frame);
// Whether it is no fragment and as long as IP says.
bool is_whole_tcp(Bytes frame, std::size_t tcp);
// Sets the length that IP says to the frame's, and IPv4's checksum.
void set_ip_length(MutableBytes frame, std::size_t tcp);

}  // namespace marvel::vpn
