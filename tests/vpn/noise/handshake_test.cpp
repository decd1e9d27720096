#include "vpn/noise/handshake.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

// The vector Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b of the public "cacophony" collection.
struct Vector {
  std::vector<std::uint8_t> prologue = unhexed("4a6f686e2047616c74");
  Secret psk = secret_of("54686973206973206d7920417573747269616e20706572737065637469766521");
  KeyPairX initiator =
      KeyPairX::from(secret_of("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"));
  Secret initiator_ephemeral =
      secret_of("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
  KeyPairX responder =
      KeyPairX::from(secret_of("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"));
  Secret responder_ephemeral =
      secret_of("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b");
  std::vector<std::uint8_t> first_payload = unhexed("4c756477696720766f6e204d69736573");
  std::vector<std::uint8_t> second_payload = unhexed("4d757272617920526f746862617264");
};

constexpr std::string_view kFirst =
    "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944b6fe0240b839afac809de1630eaf99"
    "d8f9b941394f0512c0554633bbb021d15176135c0a20e7fdb9a9ed066f22f054b47625b1d5061cb27d6a17f053273d"
    "b7c25216a5addc506ee321bc0618feb5849d";
constexpr std::string_view kSecond =
    "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088438f627e69fc120006f746b9d420bf40"
    "56cf8481ab32d9e904ffaeeaa56a5290";

struct Both {
  Vector vector;
  Handshake a = Handshake::initiator(vector.prologue, vector.initiator, vector.responder.point);
  Handshake b = Handshake::responder(vector.prologue, vector.responder);
};

}  // namespace

TEST_CASE("the handshake gives every byte of the public vector") {
  Both both;
  const Vector& v = both.vector;
  const auto first = both.a.write_first(v.initiator_ephemeral, v.first_payload);
  CHECK(hex(first) == kFirst);
  REQUIRE(both.b.read_first(first) == v.first_payload);
  CHECK(both.b.remote() == v.initiator.point);
  const auto second = both.b.write_second(v.responder_ephemeral, v.psk, v.second_payload);
  CHECK(hex(second) == kSecond);
  REQUIRE(both.a.read_second(v.psk, second) == v.second_payload);
  CHECK(hex(both.a.hash()) ==
        "ed837c9084f2f0333a7ec60b9bcacd9921394858de8ced118b5966d1147ba390"
        "084dab42326c565a309c29317a6079be30aa1d790d25a517b43287426cb1d36a");
  CHECK(both.a.hash() == both.b.hash());

  const TransportKeys keys = both.a.split();
  CHECK(keys.to_responder.bytes == both.b.split().to_responder.bytes);
  const auto sealed = [](const Secret& key, std::uint64_t counter, std::string_view text) {
    const auto plain = unhexed(text);
    std::vector<std::uint8_t> out(plain.size() + 16);
    chacha_seal(key, counter, {}, plain, out.data());
    return hex(out);
  };
  CHECK(sealed(keys.to_responder, 0, "462e20412e20486179656b") ==
        "07fc0034398a5f1010322be193d62f94bebf2948a20b3e15d681fe");
  CHECK(sealed(keys.to_initiator, 0, "4361726c204d656e676572") ==
        "2ea5400f5b8a16971c8b67bde75aeb7987d454b1c0beeb2566932d");
  CHECK(sealed(keys.to_responder, 1, "4a65616e2d426170746973746520536179") ==
        "96eef918ef51639fc0e156da1823c4f71b33fac5af983f5da9384f7da20d86ed91");
}

TEST_CASE("a changed bit or a missing byte of either message is refused") {
  const auto first = unhexed(kFirst);
  const auto second = unhexed(kSecond);
  for (std::size_t at = 0; at < first.size(); ++at) {
    Both both;
    auto changed = first;
    changed[at] ^= 1;
    CHECK_FALSE(both.b.read_first(changed));
    Both shorter;
    CHECK_FALSE(shorter.b.read_first(Bytes(first).first(at)));
  }
  for (std::size_t at = 0; at < second.size(); ++at) {
    Both both;
    both.a.write_first(both.vector.initiator_ephemeral, both.vector.first_payload);
    auto changed = second;
    changed[at] ^= 1;
    Handshake copy = both.a;
    CHECK_FALSE(copy.read_second(both.vector.psk, changed));
    copy = both.a;
    CHECK_FALSE(copy.read_second(both.vector.psk, Bytes(second).first(at)));
    CHECK(both.a.read_second(both.vector.psk, second));
  }
}

TEST_CASE("another psk, prologue or responder is refused") {
  Both both;
  const Vector& v = both.vector;
  const auto first = both.a.write_first(v.initiator_ephemeral, v.first_payload);
  CHECK_FALSE(Handshake::responder(bytes_of("other"), v.responder).read_first(first));
  CHECK_FALSE(Handshake::responder(v.prologue, make_identity(1)).read_first(first));
  REQUIRE(both.b.read_first(first));
  const auto second = both.b.write_second(v.responder_ephemeral, Secret(), v.second_payload);
  CHECK_FALSE(both.a.read_second(v.psk, second));
}

TEST_CASE("a responder's key of small order gives no message") {
  const Vector v;
  auto a = Handshake::initiator(v.prologue, v.initiator, PublicKey{});
  CHECK(a.write_first(v.initiator_ephemeral, {}).empty());
}

}  // namespace marvel::vpn
