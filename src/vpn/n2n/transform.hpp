#pragma once

#include "vpn/crypto/plain_cipher.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/n2n/speck.hpp"

namespace marvel::vpn::n2n {

// n2n's ciphers for frames, by the number that a packet names. None of them authenticates: whoever
// can change a datagram can change bits of the frame. Twofish (2) is not there.
enum class Cipher : std::uint8_t { kNull = 1, kAes = 3, kChaCha20 = 4, kSpeck = 5 };
std::optional<Cipher> parse_cipher(std::string_view name);  // null, aes, chacha20, speck
std::string_view cipher_name(Cipher cipher);

// Encrypts and decrypts payloads in place with the key that all members have. One thread at a time.
class Transform {
 public:
  // `key`: the text of n2n's -k; its length chooses the size of an AES key. `random` outlives this.
  Transform(Cipher cipher, std::string_view key, Random& random);

  [[nodiscard]] Cipher cipher() const { return cipher_; }
  // Bytes in front of the frame in a payload: 16 of chance, or none without a cipher.
  [[nodiscard]] std::size_t overhead() const { return cipher_ == Cipher::kNull ? 0 : kChance; }
  // The frame stands in `payload` behind overhead() bytes.
  void seal(MutableBytes payload);
  // The frame in `payload`; nothing when it is too short to be one. A wrong key is not noticed.
  std::optional<MutableBytes> open(MutableBytes payload);

 private:
  static constexpr std::size_t kChance = 16;
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
