#pragma once

#include "vpn/crypto/plain_cipher.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/n2n/speck.hpp"

namespace marvel::vpn::n2n {

// n2n's ciphers for frames, by the number that a packet names. None of them authenticates: whoever
// can change a datagram can change bits of the frame. Twofish (2) is not there. All members of a
// community use the same one; docs/formats/vpn-n2n.md has the payloads ("Payload of PACKET").
enum class Cipher : std::uint8_t { kNull = 1, kAes = 3, kChaCha20 = 4, kSpeck = 5 };
// By the names of --cipher and of the status: null, aes, chacha20, speck. Nothing for others.
std::optional<Cipher> parse_cipher(std::string_view name);
// `cipher` is one of the enumeration's.
std::string_view cipher_name(Cipher cipher);

// Encrypts and decrypts payloads in place with the key that all members have. One thread at a time.
//
//   const MutableBytes payload = room.subspan(kDirectHead);   // overhead() bytes, then the frame
//   transform.seal(payload);
//   const auto frame = transform.open(payload);               // at the receiver
//
// Payloads are as long as frame and overhead: AES has no padding on the wire, because n2n steals
// ciphertext instead.
class Transform {
 public:
  // `key`: the text of n2n's -k; its length chooses the size of an AES key (128 bits up to 22
  // characters, 192 up to 32, else 256). `random` is asked here alone, for the key that the chance
  // in front of frames is made with: never the same twice, and not to be foretold, as that of n2n's
  // programs is.
  Transform(Cipher cipher, std::string_view key, Random& random);

  [[nodiscard]] Cipher cipher() const { return cipher_; }
  // Bytes in front of the frame in a payload: 16 of chance, or none without a cipher.
  [[nodiscard]] std::size_t overhead() const { return cipher_ == Cipher::kNull ? 0 : kChance; }
  // The frame stands in `payload` behind overhead() bytes, which are filled here.
  void seal(MutableBytes payload);
  // The frame in `payload`, without what stood in front of it; nothing when it is too short to be
  // one, 14 bytes. A wrong key is not noticed: what comes out is any bytes, which do not name their
  // sender.
  std::optional<MutableBytes> open(MutableBytes payload);

 private:
  static constexpr std::size_t kChance = 16;
  // Writes 16 bytes that were not drawn before.
  void draw(MutableBytes out);
  void seal_aes(MutableBytes payload);
  void open_aes(MutableBytes payload);

  Cipher cipher_;
  Speck speck_;
  Speck chance_;  // its key is drawn at the start; encrypted numbers never repeat
  std::uint64_t drawn_ = 0;
  PlainCipher seal_;
  PlainCipher open_;
  PlainCipher open_block_;
};

}  // namespace marvel::vpn::n2n
