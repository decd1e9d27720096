#include "vpn/offload/ipv6.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::uint8_t kSolicitation = 135;
constexpr std::uint8_t kAdvertisement = 136;
constexpr std::uint8_t kFarthest = 255;  // hop limit: no router was on the way (RFC 4861, 7.1.1)
constexpr std::size_t kIcmp = kEthernet + kIpv6Header;
constexpr std::size_t kMessage = 24;  // type, code, checksum, flags, target
constexpr std::size_t kOption = 8;    // an Ethernet address of the target
constexpr std::uint8_t kSolicitedOverride = 0x60;
constexpr std::uint8_t kFirstOfDiscovery = 133;  // router solicitation
constexpr std::uint8_t kLastOfDiscovery = 137;   // redirect
constexpr std::uint8_t kHopByHop = 0;            // extension headers
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kAuthentication = 51;
constexpr std::uint8_t kDestination = 60;

bool is_extension(std::uint8_t header) {
  return header == kHopByHop || header == kRouting || header == kFragmentHeader ||
         header == kAuthentication || header == kDestination;
}

// Bytes of the extension header that begins with these.
std::size_t extension_size(std::uint8_t header, std::uint8_t length) {
  if (header == kFragmentHeader) {
    return 8;
  }
  return header == kAuthentication ? std::size_t{4} * (length + 2U)
                                   : std::size_t{8} * (length + 1U);
}

Ipv6 ipv6_at(Bytes frame, std::size_t at) {
  Ipv6 address{};
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), address.size(), address.begin());
  return address;
}

void put(std::vector<std::uint8_t>& frame, std::size_t at, Bytes bytes) {
  std::copy(bytes.begin(), bytes.end(), frame.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

bool has_ipv6_header(Bytes frame) {
  return frame.size() >= kEthernet + kIpv6Header && ether_type(frame) == kTypeIpv6 &&
         frame[kEthernet] >> 4U == 6;
}

Ipv6 ipv6_source(Bytes frame) {
  return ipv6_at(frame, kEthernet + 8);
}

Ipv6 ipv6_destination(Bytes frame) {
  return ipv6_at(frame, kEthernet + 24);
}

std::string ipv6_text(const Ipv6& address) {
  char buffer[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET6, address.data(), buffer, sizeof buffer);
  return buffer;
}

std::optional<UpperLayer> upper_layer_of_packet(Bytes packet) {
  UpperLayer upper{packet[6], kIpv6Header};
  while (is_extension(upper.protocol)) {
    if (packet.size() < upper.at + 8) {
      return std::nullopt;
    }
    const std::uint8_t header = upper.protocol;
    upper.plain = upper.plain && header != kFragmentHeader && header != kRouting;
    if (header == kFragmentHeader && load_be16(packet.data() + upper.at + 2) >= 8) {
      return upper;  // not the first one: the rest of the headers went before it
    }
    upper.protocol = packet[upper.at];
    upper.at += extension_size(header, packet[upper.at + 1]);
  }
  return upper.at > packet.size() ? std::nullopt : std::optional(upper);
}

std::optional<UpperLayer> upper_layer(Bytes frame) {
  auto upper = upper_layer_of_packet(frame.subspan(kEthernet));
  if (upper) {
    upper->at += kEthernet;
  }
  return upper;
}

bool may_be_neighbour_message(Bytes frame) {
  if (!has_ipv6_header(frame)) {
    return false;
  }
  const auto upper = upper_layer(frame);
  if (!upper || (upper->protocol == kIcmpV6 && upper->at == frame.size())) {
    return true;
  }
  return upper->protocol == kIcmpV6 && frame[upper->at] >= kFirstOfDiscovery &&
         frame[upper->at] <= kLastOfDiscovery;
}

std::optional<NeighbourQuestion> read_neighbour_question(Bytes frame) {
  const bool sound = has_ipv6_header(frame) && frame.size() >= kIcmp + kMessage &&
                     frame[kEthernet + 6] == kIcmpV6 && frame[kEthernet + 7] == kFarthest &&
                     frame[kIcmp] == kSolicitation && frame[kIcmp + 1] == 0;
  if (!sound) {
    return std::nullopt;
  }
  return NeighbourQuestion{source_of(frame), ipv6_source(frame), ipv6_at(frame, kIcmp + 8)};
}

std::vector<std::uint8_t> neighbour_answer(const NeighbourQuestion& question,
                                           const Mac& target_mac) {
  constexpr std::size_t kPayload = kMessage + kOption;
  std::vector<std::uint8_t> frame(kIcmp + kPayload);
  put(frame, 0, question.sender_mac);
  put(frame, 6, target_mac);
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[kEthernet] = 0x60;
  store_be16(frame.data() + kEthernet + 4, kPayload);
  frame[kEthernet + 6] = kIcmpV6;
  frame[kEthernet + 7] = kFarthest;
  put(frame, kEthernet + 8, question.target);
  put(frame, kEthernet + 24, question.sender);
  frame[kIcmp] = kAdvertisement;
  frame[kIcmp + 4] = kSolicitedOverride;
  put(frame, kIcmp + 8, question.target);
  frame[kIcmp + kMessage] = 2;      // target link-layer address, of
  frame[kIcmp + kMessage + 1] = 1;  // eight bytes
  put(frame, kIcmp + kMessage + 2, target_mac);
  // The pseudo header (RFC 8200, 8.1): both addresses, length, next header.
  const Bytes all = frame;
  const std::uint64_t sum = checksum_add(
      checksum_add(kPayload + kIcmpV6, all.subspan(kEthernet + 8, 32)), all.subspan(kIcmp));
  store_be16(frame.data() + kIcmp + 2, static_cast<std::uint16_t>(~checksum_fold(sum)));
  return frame;
}

}  // namespace marvel::vpn
