#include "vpn/offload/full_checksum.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/ip_protocols.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/segmenter.hpp"
#include "vpn/offload/tcp_packet.hpp"

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kUdpOffset = 6;
constexpr std::uint16_t kNone = 0xffff;  // UDP's checksum 0 would mean that there is none

constexpr std::uint8_t kGreOffset = 4;
constexpr std::uint8_t kIcmpV6Offset = 2;
constexpr std::size_t kTunnelHeader = 8;  // of UDP, and less than any other with a packet inside

std::optional<UpperLayer> transport_of(Bytes frame) {
  if (has_ipv4_header(frame)) {
    return UpperLayer{frame[kEthernet + 9], kEthernet + std::size_t{4} * (frame[kEthernet] & 15U)};
  }
  return upper_layer(frame);
}

}  // namespace

void complete_checksum(MutableBytes frame, const PartialChecksum& partial) {
  if (partial.start == 0) {
    return;
  }
  std::uint8_t* const place = frame.data() + partial.start + partial.offset;
  const auto sum =
      static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, frame.subspan(partial.start))));
  store_be16(place, sum == 0 && partial.offset == kUdpOffset ? kNone : sum);
}

bool is_checksum_place(Bytes frame, const PartialChecksum& partial) {
  const auto transport = transport_of(frame);
  if (!transport || partial.start + partial.offset + 2U > frame.size()) {
    return false;
  }
  const auto is_own = [&](std::uint8_t offset) {
    return partial.start == transport->at && partial.offset == offset;
  };
  const bool is_inside = partial.start >= transport->at + kTunnelHeader;
  switch (transport->protocol) {
    case kIpTcp:
      return is_own(kTcpChecksum);
    case kIpUdp:
      return is_own(kUdpOffset) || is_inside;
    case kIpGre:
      return is_own(kGreOffset) || is_inside;
    case kIpIcmpV6:
      return is_own(kIcmpV6Offset);
    case kIpIcmp:
      return false;  // what it reports has been judged, too
    default:
      return is_inside;
  }
}

PartialChecksum verify_checksum(MutableBytes frame) {
  const std::size_t tcp = tcp_at(frame);
  if (tcp == 0 || !is_whole_tcp(frame, tcp)) {
    return {};
  }
  const std::uint16_t pseudo = pseudo_sum(frame, tcp);
  if (checksum_fold(checksum_add(pseudo, frame.subspan(tcp))) != kNone) {
    return {};
  }
  store_be16(frame.data() + tcp + kTcpChecksum, pseudo);
  return {static_cast<std::uint8_t>(tcp), kTcpChecksum};
}

}  // namespace marvel::vpn
