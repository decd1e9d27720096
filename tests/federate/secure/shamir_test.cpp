#include "federate/secure/shamir.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::federate::secure {
namespace {

Key key_of(unsigned char first, unsigned char step) {
  Key key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<unsigned char>(first + step * i);
  }
  return key;
}

}  // namespace

// Computed by hand over GF(2^8) of AES: 0x53 * 0xca = 1, 2 * 0x80 = 0x1b.
TEST_CASE("a share is the polynomial's value at its place") {
  const std::vector<Key> line{key_of(0x80, 0)};
  const auto shares = split(key_of(0x42, 0), 3, line);
  CHECK(shares[0][0] == (0x42 ^ 0x80));
  CHECK(shares[1][0] == (0x42 ^ 0x1b));
  CHECK(shares[2][0] == (0x42 ^ 0x80 ^ 0x1b));
  const std::vector<Key> inverse{key_of(0xca, 0)};
  CHECK(split(key_of(0, 0), 0x53, inverse)[0x53 - 1][31] == 1);
  // degree 2: 1 + 2 x + 3 x^2 at 2 is 1 ^ 4 ^ 3 * 4 = 1 ^ 4 ^ 12
  CHECK(split(key_of(1, 0), 2, std::vector<Key>{key_of(2, 0), key_of(3, 0)})[1][5] == (1 ^ 4 ^ 12));
}

TEST_CASE("any threshold of shares gives the secret, one less gives something else") {
  REQUIRE(prepare().has_value());
  const Key secret = key_of(7, 3);
  for (std::size_t threshold = 1; threshold <= 5; ++threshold) {
    const auto values = split(secret, threshold, 5);
    for (unsigned chosen = 0; chosen < 32; ++chosen) {
      std::vector<Share> shares;
      for (std::uint8_t i = 0; i < 5; ++i) {
        if ((chosen >> i & 1U) != 0) {
          shares.push_back({static_cast<std::uint8_t>(i + 1), values[i]});
        }
      }
      CAPTURE(threshold);
      CAPTURE(chosen);
      if (shares.size() >= threshold) {
        CHECK(*join(shares) == secret);
      } else if (!shares.empty()) {
        CHECK(*join(shares) != secret);
      }
    }
  }
}

TEST_CASE("255 shares, and places that cannot be") {
  REQUIRE(prepare().has_value());
  const Key secret = random_key();
  const auto values = split(secret, 128, 255);
  std::vector<Share> shares;
  for (std::size_t i = 255; shares.size() < 128; --i) {
    shares.push_back({static_cast<std::uint8_t>(i), values[i - 1]});
  }
  CHECK(*join(shares) == secret);
  shares[1].at = shares[0].at;
  CHECK_FALSE(join(shares).has_value());
  CHECK_FALSE(join(std::vector<Share>{{0, secret}}).has_value());
}

}  // namespace marvel::federate::secure
