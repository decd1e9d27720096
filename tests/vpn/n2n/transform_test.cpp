#include "vpn/n2n/transform.hpp"

#include "vpn/support.hpp"

#include <numeric>

namespace marvel::vpn::n2n {
namespace {

constexpr std::string_view kShort = "SoMEVer!S$cUREPassWORD";
constexpr std::string_view kMiddle = "0123456789012345678901234567";
constexpr std::string_view kLong = "0123456789012345678901234567890123456789";

// Payloads that n2n encrypted; the frame is 0, 1, 2 ...
struct Vector {
  Cipher cipher;
  std::string_view key;
  std::size_t size;
  const char* payload;
};
const std::array<Vector, 6> kVectors{{
    {Cipher::kAes, kShort, 45,
     "48bb68830f6e810dab37d2242162c719f9a15f39b10175d607b20523b919bd97459ccb03eb78c0b7ea57adaf2855"
     "8c60167d0baa76b3edf3002d5167ce"},
    {Cipher::kAes, kShort, 48,
     "2d8c8ef3c47e943a30844adc2d801f123c1648bda74f6c2b8800583f54cbdcdbdf587f7b93d9e607c725b4527c38"
     "d581eb6c40cc0a831af31070e5b6e7b616ca"},
    {Cipher::kAes, kMiddle, 45,
     "6ee17f67e23e990d4b8e65c6ef8cf0ee852080786aafd678061c4387d5db83ac07c8f03caaa863b87c8656cd4eea"
     "c111558fd9a3f96101a18ce7ed19b4"},
    {Cipher::kAes, kLong, 45,
     "f74a7b3c851b98ef869c763eb41aa2bf7de962a8e0a6d28e14724c638598cb280c1e4d00608bb364b2dd884e71ea"
     "7605e428f31e33459ffa9be0a50df5"},
    {Cipher::kChaCha20, kShort, 45,
     "f273c1146cdf4e12d67b2f27568ded74327a66530c74ad3fe7c8573fdc215c98dd64b7d24597d410b024da12fccac"
     "c"
     "42bdb0dad77d3db420cca7441c1b"},
    {Cipher::kSpeck, kShort, 45,
     "69c2174aab55f38d44172c3109b5b02f0c87f2051359344972452c7951cf39f5de1ea9ecd8512118f9b5442cba67"
     "ba3930616a366bc9a9afb25b09932b"},
}};

std::vector<std::uint8_t> counted(std::size_t size) {
  std::vector<std::uint8_t> frame(size);
  std::iota(frame.begin(), frame.end(), std::uint8_t{0});
  return frame;
}

TEST_CASE("payloads of n2n are decrypted") {
  for (const Vector& vector : kVectors) {
    CAPTURE(cipher_name(vector.cipher));
    CAPTURE(vector.key);
    SeededRandom random(1);
    Transform transform(vector.cipher, vector.key, random);
    auto payload = unhexed(vector.payload);
    const auto frame = transform.open(payload);
    REQUIRE(frame);
    CHECK(hex(*frame) == hex(counted(vector.size)));
  }
}

TEST_CASE("what one edge encrypts the other one decrypts") {
  constexpr std::array kCiphers{Cipher::kNull, Cipher::kAes, Cipher::kChaCha20, Cipher::kSpeck};
  for (std::uint64_t seed = 0; seed < seeds(200); ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    const Cipher cipher = kCiphers.at(seed % kCiphers.size());
    const std::string_view key = seed % 3 == 0 ? kShort : seed % 3 == 1 ? kMiddle : kLong;
    Transform one(cipher, key, random);
    Transform other(cipher, key, random);
    std::vector<std::uint8_t> frame(14 + random.rng().below(1500));
    random.fill(frame);
    std::vector<std::uint8_t> payload(one.overhead() + frame.size());
    std::copy(frame.begin(), frame.end(),
              payload.begin() + static_cast<std::ptrdiff_t>(one.overhead()));
    one.seal(payload);
    CHECK((cipher == Cipher::kNull) ==
          std::equal(frame.begin(), frame.end(),
                     payload.begin() + static_cast<std::ptrdiff_t>(one.overhead())));
    const auto opened = other.open(payload);
    REQUIRE(opened);
    CHECK(std::equal(opened->begin(), opened->end(), frame.begin(), frame.end()));
  }
}

TEST_CASE("no two packets have the same chance") {
  SeededRandom random(1);
  Transform transform(Cipher::kSpeck, kShort, random);
  std::vector<std::uint8_t> first(16 + 20);
  auto second = first;
  transform.seal(first);
  transform.seal(second);
  CHECK(hex(Bytes(first).first(16)) != hex(Bytes(second).first(16)));
}

TEST_CASE("payloads that are too short are refused") {
  for (const Cipher cipher : {Cipher::kNull, Cipher::kAes, Cipher::kChaCha20, Cipher::kSpeck}) {
    SeededRandom random(1);
    Transform transform(cipher, kShort, random);
    for (std::size_t size = 0; size < transform.overhead() + 14; ++size) {
      std::vector<std::uint8_t> payload(size);
      CHECK_FALSE(transform.open(payload));
    }
  }
}

TEST_CASE("ciphers have names") {
  CHECK(parse_cipher("speck") == Cipher::kSpeck);
  CHECK(cipher_name(Cipher::kChaCha20) == "chacha20");
  CHECK_FALSE(parse_cipher("twofish"));
}

}  // namespace
}  // namespace marvel::vpn::n2n
