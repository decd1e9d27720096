#include "vpn/offload/tap_header.hpp"

#include <algorithm>
#include <limits>

namespace marvel::vpn {
namespace {

// VIRTIO_NET_HDR_*: <linux/virtio_net.h> of Debian 12 is no C++.
constexpr std::uint8_t kNeedsChecksum = 1;
constexpr std::uint8_t kTcpSegments = 1;
constexpr std::uint8_t kTcp6Segments = 4;
constexpr std::uint8_t kUdpSegments = 5;
constexpr std::uint8_t kCongestionBit = 0x80;
constexpr std::size_t kMostOffset = std::numeric_limits<std::uint8_t>::max();
constexpr std::size_t kMacs = 14;

FrameInfo::Kind kind_of(std::uint8_t gso_type) {
  switch (gso_type & ~kCongestionBit) {
    case kTcpSegments:
    case kTcp6Segments:
      return FrameInfo::Kind::kTcp;
    case kUdpSegments:
      return FrameInfo::Kind::kUdp;
    default:
      return FrameInfo::Kind::kWhole;
  }
}

}  // namespace

std::optional<FrameInfo> read_tap_header(Bytes header, std::size_t frame_size) {
  if (header.size() < kTapHeader) {
    return std::nullopt;
  }
  FrameInfo info;
  info.kind = kind_of(header[1]);
  info.segment = load_le<std::uint16_t>(header.data() + 4);
  if ((header[0] & kNeedsChecksum) == 0) {
    return info;
  }
  const std::size_t start = load_le<std::uint16_t>(header.data() + 6);
  const std::size_t offset = load_le<std::uint16_t>(header.data() + 8);
  const bool sane = start >= kMacs && start <= kMostOffset && offset <= kMostOffset &&
                    start + offset + 2 <= frame_size;
  if (!sane) {
    return std::nullopt;
  }
  info.checksum = {static_cast<std::uint8_t>(start), static_cast<std::uint8_t>(offset)};
  return info;
}

void write_tap_header(const PartialChecksum& checksum, std::size_t segment, std::size_t headers,
                      bool ipv6, std::uint8_t* out) {
  std::fill_n(out, kTapHeader, std::uint8_t{0});
  if (checksum.start != 0) {
    out[0] = kNeedsChecksum;
    store_le(out + 6, std::uint16_t{checksum.start});
    store_le(out + 8, std::uint16_t{checksum.offset});
  }
  if (segment != 0) {
    out[1] = ipv6 ? kTcp6Segments : kTcpSegments;
    store_le(out + 2, static_cast<std::uint16_t>(headers));
    store_le(out + 4, static_cast<std::uint16_t>(segment));
  }
}

}  // namespace marvel::vpn
