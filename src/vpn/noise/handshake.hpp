#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"

#include <optional>
#include <vector>

namespace marvel::vpn {

// Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b: the Noise Protocol Framework, revision 34, sections 5, 7.5
// and 9. The initiator knows the responder's static key; two messages give both sides the same two
// keys, forward secrecy, and proof of both static keys and of the psk.
//
//   Handshake a = Handshake::initiator(prologue, mine, theirs);
//   send(a.write_first(ephemeral, payload));           // 96 bytes and the payload
//   ...
//   auto payload = a.read_second(psk, received);       // 48 bytes and the payload
//   auto keys = a.split();
//
// A failed read leaves the state useless: drop it. One thread at a time.

struct KeyPairX {
  Secret secret;
  PublicKey point{};

  static KeyPairX from(const Secret& secret) { return {secret, x25519_public(secret)}; }
};

// For sending and receiving, as seen from the initiator; the responder swaps them.
struct TransportKeys {
  Secret to_responder;
  Secret to_initiator;
};

inline constexpr std::size_t kFirstOverhead = 96;
inline constexpr std::size_t kSecondOverhead = 48;

class Handshake {
 public:
  static Handshake initiator(Bytes prologue, const KeyPairX& mine, const PublicKey& theirs);
  static Handshake responder(Bytes prologue, const KeyPairX& mine);

  // Empty when the peer's key is a point of small order.
  std::vector<std::uint8_t> write_first(const Secret& ephemeral, Bytes payload);
  // The payload, and remote() afterwards. Nothing when it was not meant for this key or changed.
  std::optional<std::vector<std::uint8_t>> read_first(Bytes message);
  std::vector<std::uint8_t> write_second(const Secret& ephemeral, const Secret& psk, Bytes payload);
  std::optional<std::vector<std::uint8_t>> read_second(const Secret& psk, Bytes message);

  // The other side's static key.
  [[nodiscard]] const PublicKey& remote() const { return remote_; }
  [[nodiscard]] TransportKeys split() const;
  // Names this handshake: equal on both sides and nowhere else.
  [[nodiscard]] const Digest& hash() const { return hash_; }

 private:
  Handshake(Bytes prologue, KeyPairX mine, const PublicKey& responder);
  void mix_hash(Bytes data);
  void mix_key(Bytes material);
  void mix_key_and_hash(Bytes material);
  [[nodiscard]] bool mix_dh(const Secret& secret, const PublicKey& point);
  void seal(Bytes plain, std::vector<std::uint8_t>& out);
  [[nodiscard]] bool open(Bytes sealed, MutableBytes plain);
  void mix_ephemeral(const PublicKey& point);

  KeyPairX mine_;
  PublicKey remote_{};
  KeyPairX ephemeral_;
  PublicKey remote_ephemeral_{};
  Digest hash_{};
  Digest chain_{};
  Secret key_;
  std::uint64_t nonce_ = 0;
};

}  // namespace marvel::vpn
