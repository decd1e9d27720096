#include "vpn/offload/full_checksum.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/segmenter.hpp"

namespace marvel::vpn {
namespace {

constexpr std::size_t kTransport = kEthernet + 20;  // IPv4 without options
constexpr std::size_t kShortestTcp = 20;
constexpr std::uint8_t kTcpOffset = 16;
constexpr std::uint8_t kUdpOffset = 6;
constexpr std::uint16_t kNone = 0xffff;  // UDP's checksum 0 would mean that there is none

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

PartialChecksum verify_checksum(MutableBytes frame) {
  if (frame.size() < kTransport + kShortestTcp || ether_type(frame) != kTypeIpv4 ||
      frame[kEthernet] != 0x45 || frame[kEthernet + 9] != 6 ||
      (load_be16(frame.data() + kEthernet + 6) & 0x3fffU) != 0 ||
      load_be16(frame.data() + kEthernet + 2) != frame.size() - kEthernet) {
    return {};
  }
  const std::uint16_t pseudo = pseudo_sum(frame, kTransport);
  if (checksum_fold(checksum_add(pseudo, frame.subspan(kTransport))) != kNone) {
    return {};
  }
  store_be16(frame.data() + kTransport + kTcpOffset, pseudo);
  return {static_cast<std::uint8_t>(kTransport), kTcpOffset};
}

}  // namespace marvel::vpn
