#include "vpn/n2n/speck.hpp"

#include "vpn/support.hpp"

#include <numeric>

namespace marvel::vpn::n2n {
namespace {

template <std::size_t N>
Block<N> block_of(std::string_view text) {
  Block<N> block{};
  REQUIRE(unhex(text, block));
  return block;
}

template <std::size_t N>
Block<N> counted() {
  Block<N> block{};
  std::iota(block.begin(), block.end(), std::uint8_t{0});
  return block;
}

// The implementation guide's vectors.
TEST_CASE("blocks are encrypted as the guide says, and decrypted again") {
  const Speck small(counted<16>());
  const auto text = block_of<16>("206d616465206974206571756976616c");
  CHECK(hex(small.encrypt(text)) == "180d575cdffe60786532787951985da6");
  CHECK(small.decrypt(small.encrypt(text)) == text);

  const Speck large(counted<32>());
  const auto other = block_of<16>("706f6f6e65722e20496e2074686f7365");
  CHECK(hex(large.encrypt(other)) == "438f189c8db4ee4e3ef5c00504010941");
  CHECK(large.decrypt(large.encrypt(other)) == other);
}

TEST_CASE("the fast key stream is the one that single blocks give") {
  for (std::uint64_t seed = 0; seed < seeds(300); ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    Block<32> key{};
    random.fill(key);
    const Speck speck(key);
    Block<16> iv{};
    random.fill(iv);
    if (seed % 4 == 0) {
      std::fill_n(iv.begin(), 8, std::uint8_t{0xff});  // the counter wraps
    }
    std::vector<std::uint8_t> bytes(random.rng().below(1600));
    random.fill(bytes);
    auto expected = bytes;
    for (std::size_t at = 0; at < expected.size(); ++at) {
      Block<16> counter = iv;
      store_le(counter.data(), load_le<std::uint64_t>(iv.data()) + at / 16);
      expected[at] ^= speck.encrypt(counter)[at % 16];
    }
    speck.apply(iv, bytes);
    CHECK(bytes == expected);
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
