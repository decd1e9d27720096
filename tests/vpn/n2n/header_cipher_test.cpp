#include "vpn/n2n/header_cipher.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

const Community kTestnet = *community_of("testnet");

// Recorded between programs of n2n.
struct Vector {
  const char* sealed;
  const char* clear;  // what it begins with
  std::size_t header;
  std::uint64_t stamp;
  std::uint32_t salt;
};
const std::array<Vector, 2> kWhole{{
    {"b52a42fa6ce549e9276c7b1bf42b902197ac6c7b6841292c610ba1fa12e753c8a2146c12850d25dd40fbe22a0e45"
     "e18f965e517bd285be6f7f55289c6729972165dcb98c435710b852c7ea9d3e12b9",
     "03020005746573746e657400000000000000000000000000cdfbc9ab0000000000000000000000766d0000000000"
     "0000000000000000000001001082fc54b711356051d673ac50f6bf3a0200000000",
     79, 0x6b03c84ceedb2000, 0xb2446822},
    {"913c6ee3a4abcf26b936542a669ac7cf13897f2cd7cd7fd1e81b4397d5493e8dc98d46014ff710d0f775d0f7f5f3"
     "5f0b52440332b4250f5c667a",
     "03020067746573746e657400000000000000000000000000cdfbc9abee48f06a21540aa8bfbb18000f00008d240a"
     "010002000000000000000000",
     58, 0x6b03c84ceee4f000, 0},
}};

TEST_CASE("recorded datagrams are opened") {
  const HeaderCipher cipher(kTestnet);
  for (const Vector& vector : kWhole) {
    auto bytes = unhexed(vector.sealed);
    const auto stamp = cipher.open(bytes);
    REQUIRE(stamp);
    CHECK(*stamp == vector.stamp);
    CHECK(hex(bytes) == vector.clear);
    CHECK(decode(bytes));
  }
}

TEST_CASE("with the same chance the same bytes are sealed") {
  auto bytes = unhexed(kWhole[0].clear);
  HeaderCipher(kTestnet).seal(bytes, kWhole[0].header, kWhole[0].stamp, kWhole[0].salt);
  CHECK(hex(bytes) == kWhole[0].sealed);
}

TEST_CASE("a packet's payload is not touched") {
  const auto sealed = unhexed(
      "5e386180c1bce97dc7005e7ce3191f4dfef161cdc69bfc3476c0ea375cdfe132e5cf9f9fbf7f3c5d8e9146be79ee"
      "459e520254286f0a62d12348a9a77ad06ff75264b764bf33b4401d910e7a65ab9f650166f8543254ca56c3889fd0"
      "556b352c");
  auto bytes = sealed;
  CHECK(HeaderCipher(kTestnet).open(bytes) == 0x6b03c84cef101000U);
  CHECK(read_head(bytes));
  CHECK(std::equal(bytes.begin() + kDirectHead, bytes.end(), sealed.begin() + kDirectHead));
}

TEST_CASE("other communities and damaged datagrams are refused, and left as they were") {
  const auto sealed = unhexed(kWhole[0].sealed);
  auto other = sealed;
  CHECK_FALSE(HeaderCipher(*community_of("another")).open(other));
  CHECK(other == sealed);
  for (std::size_t bit = 0; bit < 8 * sealed.size(); bit += 5) {
    auto damaged = sealed;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const auto before = damaged;
    CHECK_FALSE(HeaderCipher(kTestnet).open(damaged));
    CHECK(damaged == before);
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    std::vector<std::uint8_t> cut(sealed.begin(),
                                  sealed.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(HeaderCipher(kTestnet).open(cut));
  }
}

TEST_CASE("what is sealed is opened, whatever its header's size") {
  const HeaderCipher cipher(kTestnet);
  for (std::uint64_t seed = 0; seed < seeds(300); ++seed) {
    SeededRandom random(seed);
    std::vector<std::uint8_t> clear(kCommonSize + random.rng().below(200));
    random.fill(clear);
    std::copy(kTestnet.begin(), kTestnet.end(), clear.begin() + 4);
    const std::size_t header =
        kCommonSize +
        random.rng().below(static_cast<std::uint32_t>(clear.size() - kCommonSize + 1));
    const std::uint64_t stamp = random_u64(random);
    auto bytes = clear;
    cipher.seal(bytes, header, stamp, random_u32(random));
    CHECK(cipher.open(bytes) == stamp);
    CHECK(bytes == clear);
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
