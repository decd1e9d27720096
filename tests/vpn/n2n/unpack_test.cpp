#include "vpn/n2n/unpack.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

// A frame that n2n packed: 0 to 15, 32 times.
constexpr std::string_view kPacked =
    "28b52ffd600001bd000080000102030405060708090a0b0c0d0e0f0100da479d4b";

TEST_CASE("a frame that n2n packed is unpacked") {
  Unpacker unpacker;
  const Bytes frame = unpacker.unpack(kZstd, unhexed(kPacked));
  REQUIRE(frame.size() == 512);
  for (std::size_t at = 0; at < frame.size(); ++at) {
    CHECK(frame[at] == at % 16);
  }
}

TEST_CASE("damaged and cut frames are refused, and the next one is not harmed") {
  Unpacker unpacker;
  const auto packed = unhexed(kPacked);
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CHECK(unpacker.unpack(kZstd, Bytes(packed).first(size)).empty());
  }
  CHECK(unpacker.unpack(kZstd, packed).size() == 512);
}

TEST_CASE("a frame that would be huge is refused") {
  // 128 KiB of zeros in 19 bytes: a run-length block after a header without a size.
  Unpacker unpacker;
  CHECK(unpacker.unpack(kZstd, unhexed("28b52ffd00580300100000")).empty());
}

TEST_CASE("the header says how a frame was packed") {
  Unpacker unpacker;
  CHECK(unpacker.unpack(kLzo, unhexed("12aa0000110000")).size() == 3);
  CHECK(unpacker.unpack(kLzo, unhexed(kPacked)).empty());
  CHECK(unpacker.unpack(4, unhexed(kPacked)).empty());
}

}  // namespace
}  // namespace marvel::vpn::n2n
