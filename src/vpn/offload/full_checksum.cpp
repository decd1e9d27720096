#include "vpn/offload/full_checksum.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/segmenter.hpp"
#include "vpn/offload/tcp_packet.hpp"

namespace marvel::vpn {
namespace {

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
