#pragma once

#include "vpn/bytes.hpp"
#include "vpn/constants.hpp"

namespace marvel::vpn {

// The outside of every datagram: byte 0 says what it is. No value is 3, which is how datagrams of
// n2n begin. Numbers are little endian.
//
//   handshake 1   type u8, 0 x3, sender index u32, Noise message, mac1 16, mac2 16
//   handshake 2   type u8, 0 x3, sender index u32, receiver index u32, Noise message, mac1 16
//   cookie        type u8, 0 x3, receiver index u32, nonce 24, sealed cookie 32
//   sealed        type u8, flags u8, checksum start u8, checksum offset u8, receiver index u32,
//                 counter u64, then ciphertext and tag; the 16 bytes are authenticated
//   relay         type u8, 0 x3, index u32 of the hop's receiver, node id 8, hop tag 8, then a
//                 datagram of another type. Towards the super node the id is the destination's,
//                 from it the source's.
//   unknown       type u8, 0 x3, index u32: "I know no session of this index"
enum class DatagramType : std::uint8_t {
  kFirst = 0x10,
  kSecond = 0x11,
  kCookie = 0x12,
  kSealed = 0x13,
  kRelay = 0x14,
  kUnknown = 0x15,
};

// Flags of a sealed packet.
inline constexpr std::uint8_t kFlagControl = 1;   // a control message, not an Ethernet frame
inline constexpr std::uint8_t kFlagChecksum = 2;  // the frame's checksum is the pseudo header's sum
// Half of a frame that is too large for the path; the second half has the next counter.
inline constexpr std::uint8_t kFlagFirstHalf = 4;
inline constexpr std::uint8_t kFlagSecondHalf = 8;

inline constexpr std::size_t kMacSize = 16;
inline constexpr std::size_t kFirstHeader = 8;
inline constexpr std::size_t kSecondHeader = 12;
inline constexpr std::size_t kCookieSize = 8 + 24 + 32;
inline constexpr std::size_t kUnknownSize = 8;
inline constexpr std::size_t kMaxHandshake = 1100;  // a longer one is no handshake

// What is in front of a sealed packet, in the clear and authenticated. The sender's session sets
// index and counter. Start and offset only count with kFlagChecksum: see PartialChecksum.
struct SealedHeader {
  std::uint8_t flags = 0;
  std::uint8_t checksum_start = 0;   // offset in the frame of what is summed
  std::uint8_t checksum_offset = 0;  // offset from there of the checksum
  std::uint32_t index = 0;
  std::uint64_t counter = 0;
};

// `out` has room for kHeaderSize.
void write_sealed_header(const SealedHeader& header, std::uint8_t* out);
// The caller has checked type and size.
SealedHeader read_sealed_header(Bytes datagram);

// The first 8 bytes of a node's public key's digest: enough to route, never to authenticate.
using NodeId = Block<8>;

struct Envelope {
  std::uint32_t index = 0;
  NodeId node{};
};
// Writes the envelope in front of `inner`, which begins at kEnvelopeSize of `datagram`, with the
// tag of the hop. The tag covers the envelope and, of the inner datagram, the first and last 16
// bytes: its header and its own tag, which in turn covers the rest. `inner` has at least 32 bytes.
void write_envelope(const Envelope& envelope, const Block<16>& hop_key, MutableBytes datagram);
// Nothing when it is too short. The tag is not looked at.
std::optional<Envelope> read_envelope(Bytes datagram);
// Whether the hop's tag is right.
bool check_envelope(Bytes datagram, const Block<16>& hop_key);

// Types that may stand inside an envelope.
bool may_be_relayed(Bytes inner);

}  // namespace marvel::vpn
