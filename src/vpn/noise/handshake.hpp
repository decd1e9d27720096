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
//   message 1   initiator to responder   e, es, s, ss
//   message 2   responder to initiator   e, ee, se, psk
//
//   Handshake a = Handshake::initiator(prologue, mine, theirs);
//   send(a.write_first(ephemeral, payload));           // 96 bytes and the payload
//   ...
//   auto payload = a.read_second(psk, received);       // 48 bytes and the payload
//   auto keys = a.split();
//
// The responder calls read_first, write_second and split. Any other order is a mistake of the
// caller that is not noticed: the keys are of no use then.
//
// The payload of message 1 is only sealed to the responder's static key: who steals that key later
// can read what was recorded, and anybody can send the message again. So Channel puts a timestamp
// into it and takes none twice.
//
// A failed read leaves the state useless: drop it, or read with a copy, as Channel does. Copies are
// independent. Ephemeral secrets come in as arguments, so that the vectors that others publish can
// be run; whoever passes one draws it at random, for this message alone. Reading costs two
// multiplications on the curve, writing three. One thread at a time.

// A static or ephemeral key; the point is public. from() costs a multiplication on the curve.
struct KeyPairX {
  Secret secret;
  PublicKey point{};

  static KeyPairX from(const Secret& secret) { return {secret, x25519_public(secret)}; }
};

// For sending and receiving, as seen from the initiator; the responder swaps them. Each is used in
// one direction only, so counters of both sides may begin at 0.
struct TransportKeys {
  Secret to_responder;
  Secret to_initiator;
};

// Bytes that a message has beyond its payload. The first: an ephemeral point of 32, the static
// point sealed (48), a tag of 16. The second: an ephemeral point and a tag.
inline constexpr std::size_t kFirstOverhead = 96;
inline constexpr std::size_t kSecondOverhead = 48;

class Handshake {
 public:
  // The prologue is a context that both sides must have the same; it is not sent. Nothing passed
  // here is kept but as copies.
  static Handshake initiator(Bytes prologue, const KeyPairX& mine, const PublicKey& theirs);
  static Handshake responder(Bytes prologue, const KeyPairX& mine);

  // Empty when the peer's key is a point of small order, whose product with any secret is known.
  std::vector<std::uint8_t> write_first(const Secret& ephemeral, Bytes payload);
  // The payload, and remote() afterwards. Nothing when it was not meant for this key or changed.
  // Anybody may have sent a recorded message again: that the holder of remote() is there only the
  // first packet under the new keys proves.
  std::optional<std::vector<std::uint8_t>> read_first(Bytes message);
  // Empty when a point of the initiator is of small order.
  std::vector<std::uint8_t> write_second(const Secret& ephemeral, const Secret& psk, Bytes payload);
  // The payload. Nothing for another psk, another responder or a changed byte.
  std::optional<std::vector<std::uint8_t>> read_second(const Secret& psk, Bytes message);

  // The other side's static key: an initiator has it from the start, a responder once read_first
  // gave a payload.
  [[nodiscard]] const PublicKey& remote() const { return remote_; }
  // After the second message; both sides get the same.
  [[nodiscard]] TransportKeys split() const;
  // Names this handshake: equal on both sides and nowhere else, once the second message is through.
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
