#include "vpn/crypto/sodium.hpp"

#include "base/check.hpp"

#include <sodium.h>

namespace marvel::vpn {
namespace {

constexpr unsigned long long kArgonPasses = 3;
constexpr std::size_t kArgonMemory = std::size_t{64} << 20U;  // bytes

void hash_parts(Parts parts, Bytes key, MutableBytes out) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.empty() ? nullptr : key.data(), key.size(), out.size());
  for (const Bytes part : parts) {
    crypto_generichash_update(&state, part.data(), part.size());
  }
  crypto_generichash_final(&state, out.data(), out.size());
}

Block<12> noise_nonce(std::uint64_t counter) {
  Block<12> nonce{};
  store_le(nonce.data() + 4, counter);
  return nonce;
}

Block<64> expanded(const Secret& seed) {
  Block<32> public_half{};
  Block<64> secret{};
  crypto_sign_seed_keypair(public_half.data(), secret.data(), seed.bytes.data());
  return secret;
}

}  // namespace

Secret::~Secret() {
  wipe(bytes);
}

Status start_crypto() {
  if (sodium_init() < 0) {
    return fail(Errc::kUnsupported, "libsodium cannot start: the system gives no random bytes");
  }
  return {};
}

void wipe(MutableBytes secret) {
  sodium_memzero(secret.data(), secret.size());
}

bool equal_secret(Bytes a, Bytes b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void SystemRandom::fill(MutableBytes out) {
  randombytes_buf(out.data(), out.size());
}

Secret random_secret(Random& random) {
  Secret secret;
  random.fill(secret.bytes);
  return secret;
}

std::uint32_t random_u32(Random& random) {
  Block<4> bytes{};
  random.fill(bytes);
  return load_le<std::uint32_t>(bytes.data());
}

std::uint64_t random_u64(Random& random) {
  Block<8> bytes{};
  random.fill(bytes);
  return load_le<std::uint64_t>(bytes.data());
}

PublicKey x25519_public(const Secret& secret) {
  PublicKey point{};
  crypto_scalarmult_curve25519_base(point.data(), secret.bytes.data());
  return point;
}

bool x25519(const Secret& secret, const PublicKey& point, Secret& shared) {
  return crypto_scalarmult_curve25519(shared.bytes.data(), secret.bytes.data(), point.data()) == 0;
}

Digest blake2b(Parts parts) {
  Digest digest{};
  hash_parts(parts, {}, digest);
  return digest;
}

Block<32> blake2b_256(Parts parts, Bytes key) {
  Block<32> digest{};
  hash_parts(parts, key, digest);
  return digest;
}

Block<16> blake2b_128(Parts parts, Bytes key) {
  Block<16> digest{};
  hash_parts(parts, key, digest);
  return digest;
}

Block<8> siphash(Bytes bytes, const Block<16>& key) {
  Block<8> tag{};
  crypto_shorthash_siphash24(tag.data(), bytes.data(), bytes.size(), key.data());
  return tag;
}

void chacha_seal(const Secret& key, std::uint64_t counter, Bytes associated, Bytes plain,
                 std::uint8_t* out) {
  const auto nonce = noise_nonce(counter);
  crypto_aead_chacha20poly1305_ietf_encrypt(out, nullptr, plain.data(), plain.size(),
                                            associated.data(), associated.size(), nullptr,
                                            nonce.data(), key.bytes.data());
}

bool chacha_open(const Secret& key, std::uint64_t counter, Bytes associated, Bytes sealed,
                 std::uint8_t* out) {
  const auto nonce = noise_nonce(counter);
  return crypto_aead_chacha20poly1305_ietf_decrypt(
             out, nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
             associated.size(), nonce.data(), key.bytes.data()) == 0;
}

void xchacha_seal(const Block<32>& key, const Block<24>& nonce, Bytes associated, Bytes plain,
                  std::uint8_t* out) {
  crypto_aead_xchacha20poly1305_ietf_encrypt(out, nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), nullptr,
                                             nonce.data(), key.data());
}

bool xchacha_open(const Block<32>& key, const Block<24>& nonce, Bytes associated, Bytes sealed,
                  std::uint8_t* out) {
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             out, nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
             associated.size(), nonce.data(), key.data()) == 0;
}

VerifyKey ed25519_public(const Secret& seed) {
  VerifyKey key{};
  auto secret = expanded(seed);
  crypto_sign_ed25519_sk_to_pk(key.data(), secret.data());
  wipe(secret);
  return key;
}

Signature ed25519_sign(const Secret& seed, Bytes message) {
  Signature signature{};
  auto secret = expanded(seed);
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret.data());
  wipe(secret);
  return signature;
}

bool ed25519_verify(const VerifyKey& key, Bytes message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     key.data()) == 0;
}

Result<Secret> argon2id(std::string_view passphrase, const Block<16>& salt) {
  Secret key;
  if (crypto_pwhash(key.bytes.data(), key.bytes.size(), passphrase.data(), passphrase.size(),
                    salt.data(), kArgonPasses, kArgonMemory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(Errc::kUnavailable, "not enough memory to turn the passphrase into a key",
                "64 MiB are needed for a moment");
  }
  return key;
}

bool cpu_has_aes() {
  return crypto_aead_aes256gcm_is_available() == 1;
}

}  // namespace marvel::vpn
