#pragma once

#include "base/result.hpp"
#include "vpn/bytes.hpp"

#include <initializer_list>
#include <string_view>

namespace marvel::vpn {

// The primitives, all by libsodium; sodium.cpp is its only user. Call start_crypto() once before
// any other function here. Every function may then be called from any thread.

// 32 secret bytes, wiped when they go.
struct Secret {
  Block<32> bytes{};

  Secret() = default;
  explicit Secret(const Block<32>& from) : bytes(from) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) = default;
  ~Secret();
};

using PublicKey = Block<32>;  // X25519
using VerifyKey = Block<32>;  // Ed25519
using Signature = Block<64>;  // Ed25519
using Digest = Block<64>;     // BLAKE2b-512
using Parts = std::initializer_list<Bytes>;

// kUnsupported when libsodium cannot start, which means no source of randomness.
Status start_crypto();
void wipe(MutableBytes secret);
// Whether both are the same, in a time that tells nothing about where they differ.
bool equal_secret(Bytes a, Bytes b);

// Where random bytes come from: the system, or a seed in tests.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  virtual void fill(MutableBytes out) = 0;
};
class SystemRandom : public Random {
 public:
  void fill(MutableBytes out) override;
};
Secret random_secret(Random& random);
std::uint32_t random_u32(Random& random);
std::uint64_t random_u64(Random& random);

// X25519 (RFC 7748).
PublicKey x25519_public(const Secret& secret);
// False for a point of small order, whose product everybody knows.
[[nodiscard]] bool x25519(const Secret& secret, const PublicKey& point, Secret& shared);

// BLAKE2b (RFC 7693) of the parts one after the other; keyed where a key is given.
Digest blake2b(Parts parts);
Block<32> blake2b_256(Parts parts, Bytes key = {});
Block<16> blake2b_128(Parts parts, Bytes key = {});
// SipHash-2-4.
Block<8> siphash(Bytes bytes, const Block<16>& key);

// ChaCha20-Poly1305 (RFC 8439) with nonce 4 zero bytes ‖ LE64 counter, as Noise has it.
// `out` has room for plain.size() + 16.
void chacha_seal(const Secret& key, std::uint64_t counter, Bytes associated, Bytes plain,
                 std::uint8_t* out);
// `out` has room for sealed.size() - 16. False when the bytes were not sealed with these.
[[nodiscard]] bool chacha_open(const Secret& key, std::uint64_t counter, Bytes associated,
                               Bytes sealed, std::uint8_t* out);
// XChaCha20-Poly1305, for nonces drawn at random.
void xchacha_seal(const Block<32>& key, const Block<24>& nonce, Bytes associated, Bytes plain,
                  std::uint8_t* out);
[[nodiscard]] bool xchacha_open(const Block<32>& key, const Block<24>& nonce, Bytes associated,
                                Bytes sealed, std::uint8_t* out);

// Ed25519 (RFC 8032); the secret is the 32-byte seed.
VerifyKey ed25519_public(const Secret& seed);
Signature ed25519_sign(const Secret& seed, Bytes message);
[[nodiscard]] bool ed25519_verify(const VerifyKey& key, Bytes message, const Signature& signature);

// Argon2id (RFC 9106) with 64 MiB and 3 passes: 0.1 to 0.3 s. kUnavailable without the memory.
Result<Secret> argon2id(std::string_view passphrase, const Block<16>& salt);

// Whether the CPU has instructions for AES and for GCM's multiplication.
bool cpu_has_aes();

}  // namespace marvel::vpn
