#include "vpn/crypto/plain_cipher.hpp"

#include "vpn/support.hpp"

#include <numeric>

namespace marvel::vpn {
namespace {

using Kind = PlainCipher::Kind;
using Direction = PlainCipher::Direction;

Block<16> counted() {
  Block<16> iv{};
  std::iota(iv.begin(), iv.end(), std::uint8_t{0});
  return iv;
}

// NIST SP 800-38A, F.2.1 and F.1.1.
TEST_CASE("AES is NIST's") {
  const auto key = unhexed("2b7e151628aed2a6abf7158809cf4f3c");
  const auto text = unhexed("6bc1bee22e409f96e93d7e117393172a");
  auto bytes = text;
  PlainCipher chained(Kind::kAesCbc, key, Direction::kEncrypt);
  chained.start(counted());
  chained.apply(bytes);
  CHECK(hex(bytes) == "7649abac8119b246cee98e9b12e9197d");
  PlainCipher back(Kind::kAesCbc, key, Direction::kDecrypt);
  back.start(counted());
  back.apply(bytes);
  CHECK(bytes == text);
  PlainCipher(Kind::kAesBlock, key, Direction::kEncrypt).apply(bytes);
  CHECK(hex(bytes) == "3ad77bb40d7a3660a89ecaf32466ef97");
}

// RFC 8439, 2.4.2.
TEST_CASE("ChaCha20 is the RFC's") {
  std::vector<std::uint8_t> key(32);
  std::iota(key.begin(), key.end(), std::uint8_t{0});
  Block<16> iv{};
  REQUIRE(unhex("01000000000000000000004a00000000", iv));
  const auto text = bytes_of("Ladies and Gentlemen of the class of '99");
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  PlainCipher cipher(Kind::kChaCha20, key, Direction::kEncrypt);
  cipher.start(iv);
  cipher.apply(bytes);
  CHECK(hex(Bytes(bytes).first(16)) == "6e2e359a2568f98041ba0728dd0d6981");
}

}  // namespace
}  // namespace marvel::vpn
