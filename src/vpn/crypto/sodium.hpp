#pragma once

#include "base/result.hpp"
#include "vpn/bytes.hpp"

#include <initializer_list>
#include <string_view>

namespace marvel::vpn {

// The primitives, all by libsodium; sodium.cpp is its only user. Call start_crypto() once before
// any other function here. Every function may then be called from any thread.
//
// Who uses what: handshakes (noise/handshake.hpp) X25519, ChaCha20-Poly1305 and BLAKE2b; cookies
// and beacons XChaCha20; relayed datagrams SipHash; certificates Ed25519; passphrases Argon2id.
// Frames are sealed by DataCipher instead, which is faster at their size.
//
// A [[nodiscard]] bool tells whether what the network brought is right. What gives neither that nor
// a Result cannot fail.

// 32 secret bytes, wiped when they go. Copies are secrets, too, and wiped each; what is copied out
// of `bytes` is not. Not compared by ==: equal_secret() below.
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

// kUnsupported when libsodium cannot start, which means no source of randomness. It may be called
// again, without effect.
Status start_crypto();
// Zeros that the compiler does not leave out as useless writes.
void wipe(MutableBytes secret);
// Whether both are the same, in a time that tells nothing about where they differ. False at once
// for different sizes, which are no secret.
bool equal_secret(Bytes a, Bytes b);

// Where random bytes come from: the system, or a seed in tests. Handed in wherever chance is
// needed, so that a simulation can be run again with the same chance.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  // Fills all of it, with bytes that nobody can foretell where it is the system's.
  virtual void fill(MutableBytes out) = 0;
};
// The system's, by libsodium; has no state, so any number of them are as good as one.
class SystemRandom : public Random {
 public:
  void fill(MutableBytes out) override;
};
// The next bytes of `random`; numbers are uniform over all values.
Secret random_secret(Random& random);
std::uint32_t random_u32(Random& random);
std::uint64_t random_u64(Random& random);

// X25519 (RFC 7748): the public key of a secret one. Any 32 bytes are a secret key.
PublicKey x25519_public(const Secret& secret);
// False for a point of small order, whose product everybody knows; `shared` means nothing then. The
// product is no uniform key yet: hash it.
[[nodiscard]] bool x25519(const Secret& secret, const PublicKey& point, Secret& shared);

// BLAKE2b (RFC 7693) of the parts one after the other; keyed where a key is given, which has at
// most 64 bytes. Nothing marks where a part ends, so all parts but one have a fixed size, or say
// their own. The shorter digests are no beginnings of the longer one: the size goes into the hash.
//   const auto id = blake2b_128({bytes_of("marvel vpn mac address"), key});
Digest blake2b(Parts parts);
Block<32> blake2b_256(Parts parts, Bytes key = {});
Block<16> blake2b_128(Parts parts, Bytes key = {});
// SipHash-2-4 (Aumasson and Bernstein, 2012): a tag that is cheap for a few bytes, and too short
// for what is worth a long attack.
Block<8> siphash(Bytes bytes, const Block<16>& key);

// ChaCha20-Poly1305 (RFC 8439), as Noise has it with nonce 4 zero bytes ‖ LE64 counter: each
// counter seals at most once per key. `associated` is authenticated and not written. `out` has room
// for plain.size() + 16: the text, then the tag.
void chacha_seal(const Secret& key, std::uint64_t counter, Bytes associated, Bytes plain,
                 std::uint8_t* out);
// `out` has room for sealed.size() - 16. False when the bytes were not sealed with these, or are
// fewer than a tag.
[[nodiscard]] bool chacha_open(const Secret& key, std::uint64_t counter, Bytes associated,
                               Bytes sealed, std::uint8_t* out);
// XChaCha20-Poly1305, for nonces drawn at random: 24 bytes never meet twice by chance. Room as
// above.
void xchacha_seal(const Block<32>& key, const Block<24>& nonce, Bytes associated, Bytes plain,
                  std::uint8_t* out);
[[nodiscard]] bool xchacha_open(const Block<32>& key, const Block<24>& nonce, Bytes associated,
                                Bytes sealed, std::uint8_t* out);

// Ed25519 (RFC 8032); the secret is the 32-byte seed.
VerifyKey ed25519_public(const Secret& seed);
// The same message and seed give the same signature. The key pair is worked out of the seed each
// time.
Signature ed25519_sign(const Secret& seed, Bytes message);
[[nodiscard]] bool ed25519_verify(const VerifyKey& key, Bytes message, const Signature& signature);

// Argon2id (RFC 9106) with 64 MiB and 3 passes: 0.1 to 0.3 s. kUnavailable without the memory,
// which is given back when it returns. A process that runs for long calls passphrase_keys_apart()
// instead (io/derive_apart.hpp).
Result<Secret> argon2id(std::string_view passphrase, const Block<16>& salt);

// Whether the CPU has instructions for AES and for GCM's multiplication. False before
// start_crypto().
bool cpu_has_aes();

}  // namespace marvel::vpn
