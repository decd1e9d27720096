#include "vpn/crypto/data_cipher.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

using Direction = DataCipher::Direction;

// Each way to seal: `wide` is another one where the CPU can.
struct Way {
  Suite suite = Suite::kAes256Gcm;
  bool wide = false;

  [[nodiscard]] DataCipher cipher(const Secret& key, Direction direction) const {
    return {suite, key, direction, wide};
  }
};
constexpr std::array<Way, 3> kWays{
    {{Suite::kAes256Gcm, true}, {Suite::kAes256Gcm, false}, {Suite::kChaCha20Poly1305, false}}};

std::vector<std::uint8_t> sealed(const Way& way, const Secret& key, std::uint64_t counter) {
  std::vector<std::uint8_t> bytes(100 + 16);
  way.cipher(key, Direction::kSeal)
      .seal(counter, bytes_of("sixteen byte aad"), MutableBytes(bytes).first(100));
  return bytes;
}

bool opens(const Way& way, const Secret& key, std::uint64_t counter,
           std::vector<std::uint8_t> bytes) {
  return way.cipher(key, Direction::kOpen).open(counter, bytes_of("sixteen byte aad"), bytes);
}

}  // namespace

TEST_CASE("AES-256-GCM gives the bytes of the GCM specification, test case 14") {
  for (const bool wide : {false, true}) {
    std::vector<std::uint8_t> bytes(32);
    DataCipher(Suite::kAes256Gcm, Secret(), Direction::kSeal, wide)
        .seal(0, {}, MutableBytes(bytes).first(16));
    CHECK(hex(bytes) == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  }
}

TEST_CASE("all suites open what they sealed and nothing that was changed") {
  const Secret key = make_identity(3).secret;
  for (const Way& way : kWays) {
    auto bytes = sealed(way, key, 5);
    CHECK(opens(way, key, 5, bytes));
    CHECK_FALSE(opens(way, key, 6, bytes));
    CHECK_FALSE(opens(way, make_identity(4).secret, 5, bytes));
    for (const std::size_t at : {0, 50, 99, 100, 115}) {
      auto changed = bytes;
      changed[at] ^= 0x10;
      CHECK_FALSE(opens(way, key, 5, changed));
    }
    bytes.resize(15);
    CHECK_FALSE(opens(way, key, 5, bytes));
  }
}

TEST_CASE("ChaCha20-Poly1305 of OpenSSL and libsodium are the same") {
  const Secret key = make_identity(5).secret;
  auto bytes = sealed(kWays[2], key, 9);
  std::vector<std::uint8_t> text(100, 0xff);
  REQUIRE(chacha_open(key, 9, bytes_of("sixteen byte aad"), bytes, text.data()));
  CHECK(text == std::vector<std::uint8_t>(100));
}

TEST_CASE("one cipher serves many packets") {
  const Secret key = make_identity(6).secret;
  for (const Way& way : kWays) {
    DataCipher seal = way.cipher(key, Direction::kSeal);
    DataCipher open = way.cipher(key, Direction::kOpen);
    for (std::uint64_t counter = 0; counter < 100; ++counter) {
      std::vector<std::uint8_t> bytes(counter + 16, 7);
      seal.seal(counter, bytes_of("a"), MutableBytes(bytes).first(counter));
      CHECK(open.open(counter, bytes_of("a"), bytes));
    }
  }
}

TEST_CASE("AES is chosen where both sides have it, else ChaCha20") {
  CHECK(choose_suite(3, 3) == Suite::kAes256Gcm);
  CHECK(choose_suite(3, 2) == Suite::kChaCha20Poly1305);
  CHECK(choose_suite(2, 3) == Suite::kChaCha20Poly1305);
  CHECK((supported_suites() & 2) == 2);
}

}  // namespace marvel::vpn
