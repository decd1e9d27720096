#pragma once

#include "vpn/bytes.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/wire/endpoint.hpp"

namespace marvel::vpn {

// Ethernet and IPv4 (IEEE 802.3, RFC 791), as far as the VPN looks into frames.
//
//   bytes of a frame   0 destination, 6 source, 12 type, 14 what it carries
//
// Nothing here checks sizes unless it says so: destination_of, source_of, ether_type, is_to_group
// and is_broadcast ask for a frame of at least kEthernet bytes, and ipv4_* for one that
// has_ipv4_header. Results are copies. All are pure functions, for any thread.
inline constexpr std::size_t kEthernet = 14;
inline constexpr std::uint16_t kTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kTypeArp = 0x0806;

// The type, or a length below 1536 in frames of IEEE 802.3's own kind, which are not carried.
inline std::uint16_t ether_type(Bytes frame) {
  return load_be16(frame.data() + 12);
}
Mac destination_of(Bytes frame);
Mac source_of(Bytes frame);
// Broadcast and multicast: the first bit on the wire (IEEE 802).
inline bool is_to_group(Bytes frame) {
  return (frame[0] & 1U) != 0;
}
// Only the address of all ones.
bool is_broadcast(Bytes frame);
// Whether the header of an IPv4 frame is all there, but for options. Of any size and content.
bool has_ipv4_header(Bytes frame);
inline Ipv4 ipv4_source(Bytes frame) {
  return load_be32(frame.data() + kEthernet + 12);
}
inline Ipv4 ipv4_destination(Bytes frame) {
  return load_be32(frame.data() + kEthernet + 16);
}

// An ARP request (RFC 826): who has `target`?
struct ArpRequest {
  Mac sender_mac{};
  Ipv4 sender = 0;
  Ipv4 target = 0;
};
// Nothing for an answer, for other networks than IPv4 over Ethernet, and for a frame cut short.
std::optional<ArpRequest> read_arp_request(Bytes frame);
// The answer, as a whole frame to who asked: `target_mac` has it.
std::vector<std::uint8_t> arp_reply(const ArpRequest& request, const Mac& target_mac);

// The Internet checksum's running sum (RFC 1071): add parts, then fold.
//
//   const std::uint16_t sum = checksum_fold(checksum_add(checksum_add(0, first), second));
//   const auto field = static_cast<std::uint16_t>(~sum);   // as it stands in a header, big endian
//
// Every part but the last has an even number of bytes; an odd byte counts as one with a zero behind
// it. Of a whole packet, checksum included, the folded sum is 0xffff where it is right.
std::uint64_t checksum_add(std::uint64_t sum, Bytes bytes);
std::uint16_t checksum_fold(std::uint64_t sum);

}  // namespace marvel::vpn
