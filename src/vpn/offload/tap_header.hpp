#pragma once

#include "vpn/offload/segmenter.hpp"

namespace marvel::vpn {

// struct virtio_net_hdr of 10 bytes in front of each frame of a TAP device (Virtual I/O Device
// specification 1.2, section 5.1.6; little endian here, as the kernel has it on this machine).
inline constexpr std::size_t kTapHeader = 10;

// What the kernel says of a frame it hands over; `frame_size` is without this header. Nothing where
// it makes no sense: too short, or a checksum outside of the frame or further behind than a byte
// can say. Kinds of big frames that were not asked for are told as whole.
std::optional<FrameInfo> read_tap_header(Bytes header, std::size_t frame_size);

// For a frame that is handed to the kernel: `segment` is 0 for one packet, else the payload of each
// packet of a big TCP frame with `headers` bytes of headers, over IPv4 or IPv6. Fills kTapHeader
// bytes at `out`. The kernel takes a big frame as if it had come as those packets.
void write_tap_header(const PartialChecksum& checksum, std::size_t segment, std::size_t headers,
                      bool ipv6, std::uint8_t* out);

}  // namespace marvel::vpn
