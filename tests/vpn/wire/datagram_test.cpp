#include "vpn/wire/datagram.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

std::vector<std::uint8_t> relayed(const Block<16>& key) {
  std::vector<std::uint8_t> datagram(kEnvelopeSize + 100, 5);
  datagram[kEnvelopeSize] = static_cast<std::uint8_t>(DatagramType::kSealed);
  write_envelope({0x01020304, NodeId{9, 8, 7}}, key, datagram);
  return datagram;
}

}  // namespace

TEST_CASE("a sealed header comes back as it was written") {
  Block<kHeaderSize> bytes{};
  write_sealed_header({kFlagChecksum, 34, 16, 0xdeadbeef, 0x0102030405060708}, bytes.data());
  CHECK(hex(bytes) == "13022210efbeadde0807060504030201");
  const SealedHeader read = read_sealed_header(bytes);
  CHECK(read.flags == kFlagChecksum);
  CHECK(read.checksum_start == 34);
  CHECK(read.checksum_offset == 16);
  CHECK(read.index == 0xdeadbeef);
  CHECK(read.counter == 0x0102030405060708);
}

TEST_CASE("an envelope is checked by the key of its hop") {
  const Block<16> key{1};
  const auto datagram = relayed(key);
  const auto envelope = read_envelope(datagram);
  REQUIRE(envelope);
  CHECK(envelope->index == 0x01020304);
  CHECK(envelope->node == NodeId{9, 8, 7});
  CHECK(check_envelope(datagram, key));
  CHECK_FALSE(check_envelope(datagram, Block<16>{2}));
}

TEST_CASE("the tag of a hop covers the envelope, the inner header and the inner tag") {
  const Block<16> key{1};
  const std::size_t size = relayed(key).size();
  for (std::size_t at = 0; at < size; ++at) {
    auto changed = relayed(key);
    changed[at] ^= 1;
    const bool covered = at < kEnvelopeSize + 16 || at >= size - 16;
    CHECK(check_envelope(changed, key) == !covered);
  }
}

TEST_CASE("what is too short is no envelope, and only some types may be inside") {
  const auto datagram = relayed({});
  CHECK_FALSE(read_envelope(Bytes(datagram).first(kEnvelopeSize + 31)));
  std::vector<std::uint8_t> inner(40);
  for (int type = 0; type < 256; ++type) {
    inner[0] = static_cast<std::uint8_t>(type);
    CHECK(may_be_relayed(inner) == (type == 0x10 || type == 0x11 || type == 0x13));
  }
  inner.resize(31);
  CHECK_FALSE(may_be_relayed(inner));
}

}  // namespace marvel::vpn
