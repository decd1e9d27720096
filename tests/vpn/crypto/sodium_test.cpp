#include "vpn/crypto/sodium.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("X25519 gives the shared secret of RFC 7748, section 6.1") {
  REQUIRE(start_crypto());
  const Secret bob = secret_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  CHECK(hex(x25519_public(bob)) ==
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  PublicKey alice{};
  REQUIRE(unhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", alice));
  Secret shared;
  REQUIRE(x25519(bob, alice, shared));
  CHECK(hex(shared.bytes) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST_CASE("a point of small order gives no secret") {
  Secret shared;
  CHECK_FALSE(x25519(make_identity(1).secret, PublicKey{}, shared));
}

TEST_CASE("BLAKE2b gives the digest of RFC 7693, appendix A") {
  CHECK(hex(blake2b({bytes_of("abc")})) ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  CHECK(blake2b({bytes_of("a"), bytes_of("bc")}) == blake2b({bytes_of("abc")}));
}

TEST_CASE("SipHash-2-4 gives the value of its authors' first vector with 15 bytes") {
  Block<16> key{};
  std::vector<std::uint8_t> bytes;
  for (std::uint8_t at = 0; at < 16; ++at) {
    key[at] = at;
    if (at < 15) {
      bytes.push_back(at);
    }
  }
  CHECK(hex(siphash(bytes, key)) == "e545be4961ca29a1");
}

TEST_CASE("Ed25519 signs as in RFC 8032, test 1, and nothing else verifies") {
  const Secret seed = secret_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  CHECK(hex(ed25519_public(seed)) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Signature signature = ed25519_sign(seed, {});
  CHECK(hex(signature).substr(0, 32) == "e5564300c360ac729086e2cc806e828a");
  CHECK(ed25519_verify(ed25519_public(seed), {}, signature));
  CHECK_FALSE(ed25519_verify(ed25519_public(seed), bytes_of("x"), signature));
}

TEST_CASE("what was sealed opens with the same key, counter and associated data only") {
  const Secret key = make_identity(2).secret;
  const auto text = bytes_of("a frame");
  std::vector<std::uint8_t> sealed(text.size() + 16);
  std::vector<std::uint8_t> opened(text.size());
  chacha_seal(key, 7, bytes_of("header"), text, sealed.data());
  REQUIRE(chacha_open(key, 7, bytes_of("header"), sealed, opened.data()));
  CHECK(text_of(opened) == "a frame");
  CHECK_FALSE(chacha_open(key, 8, bytes_of("header"), sealed, opened.data()));
  CHECK_FALSE(chacha_open(key, 7, bytes_of("Header"), sealed, opened.data()));
  sealed[3] ^= 1;
  CHECK_FALSE(chacha_open(key, 7, bytes_of("header"), sealed, opened.data()));
}

TEST_CASE("a passphrase gives the same key again and another one with another salt") {
  const auto one = argon2id("correct horse", Block<16>{1});
  const auto two = argon2id("correct horse", Block<16>{1});
  const auto three = argon2id("correct horse", Block<16>{2});
  REQUIRE((one && two && three));
  CHECK(one->bytes == two->bytes);
  CHECK(one->bytes != three->bytes);
}

TEST_CASE("secrets are compared whole") {
  CHECK(equal_secret(bytes_of("same"), bytes_of("same")));
  CHECK_FALSE(equal_secret(bytes_of("same"), bytes_of("samf")));
  CHECK_FALSE(equal_secret(bytes_of("same"), bytes_of("sam")));
}

}  // namespace marvel::vpn
