#include "vpn/wire/datagram.hpp"

#include "vpn/crypto/sodium.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kShortestInner = 32;
constexpr std::size_t kTagged = 16;  // bytes of the envelope in front of its tag

Block<8> hop_tag(Bytes datagram, const Block<16>& key) {
  Block<48> covered{};
  const Bytes inner = datagram.subspan(kEnvelopeSize);
  std::copy_n(datagram.begin(), kTagged, covered.begin());
  std::copy_n(inner.begin(), kTagged, covered.begin() + kTagged);
  std::copy_n(inner.end() - kTagged, kTagged, covered.begin() + 2 * kTagged);
  return siphash(covered, key);
}

}  // namespace

void write_sealed_header(const SealedHeader& header, std::uint8_t* out) {
  out[0] = static_cast<std::uint8_t>(DatagramType::kSealed);
  out[1] = header.flags;
  out[2] = header.checksum_start;
  out[3] = header.checksum_offset;
  store_le(out + 4, header.index);
  store_le(out + 8, header.counter);
}

SealedHeader read_sealed_header(Bytes datagram) {
  return {datagram[1], datagram[2], datagram[3], load_le<std::uint32_t>(datagram.data() + 4),
          load_le<std::uint64_t>(datagram.data() + 8)};
}

void write_envelope(const Envelope& envelope, const Block<16>& hop_key, MutableBytes datagram) {
  std::fill_n(datagram.begin(), 4, std::uint8_t{0});
  datagram[0] = static_cast<std::uint8_t>(DatagramType::kRelay);
  store_le(datagram.data() + 4, envelope.index);
  std::copy(envelope.node.begin(), envelope.node.end(), datagram.begin() + 8);
  const auto tag = hop_tag(datagram, hop_key);
  std::copy(tag.begin(), tag.end(), datagram.begin() + kTagged);
}

std::optional<Envelope> read_envelope(Bytes datagram) {
  if (datagram.size() < kEnvelopeSize + kShortestInner) {
    return std::nullopt;
  }
  Envelope envelope;
  envelope.index = load_le<std::uint32_t>(datagram.data() + 4);
  std::copy_n(datagram.begin() + 8, envelope.node.size(), envelope.node.begin());
  return envelope;
}

bool check_envelope(Bytes datagram, const Block<16>& hop_key) {
  return equal_secret(hop_tag(datagram, hop_key), datagram.subspan(kTagged, 8));
}

bool may_be_relayed(Bytes inner) {
  if (inner.size() < kShortestInner) {
    return false;
  }
  const auto type = static_cast<DatagramType>(inner[0]);
  return type == DatagramType::kFirst || type == DatagramType::kSecond ||
         type == DatagramType::kSealed;
}

}  // namespace marvel::vpn
