#pragma once

#include "vpn/bytes.hpp"

#include <memory>

namespace marvel::vpn {

// Ciphers without authentication, by OpenSSL: only for protocols that have nothing better, which is
// n2n's (vpn/n2n/transform.hpp). What the network changes is not noticed. One thread at a time.
//
//   PlainCipher cipher(PlainCipher::Kind::kAesCbc, key, PlainCipher::Direction::kEncrypt);
//   cipher.start(iv);        // a message
//   cipher.apply(bytes);     // in pieces, where that is handy
//   cipher.start(other_iv);  // the next one
//
// A cipher that was moved from can only be assigned to or destroyed.
class PlainCipher {
 public:
  enum class Kind {
    kAesCbc,    // NIST SP 800-38A, no padding; key of 16, 24 or 32 bytes
    kAesBlock,  // each block for itself
    kChaCha20,  // key of 32 bytes; IV = LE32 block counter ‖ nonce of 12 bytes
  };
  enum class Direction { kEncrypt, kDecrypt };

  // Sets the key up, once for many messages. A size of key that the kind does not have is a mistake
  // of the caller (MARVEL_CHECK). The first message has an IV of zeros until start().
  PlainCipher(Kind kind, Bytes key, Direction direction);
  PlainCipher(PlainCipher&&) noexcept;
  PlainCipher& operator=(PlainCipher&&) noexcept;
  PlainCipher(const PlainCipher&) = delete;
  PlainCipher& operator=(const PlainCipher&) = delete;
  ~PlainCipher();

  // Before each message. kAesBlock has no use for the IV.
  void start(const Block<16>& iv);
  // The next bytes of the message, in place. AES takes whole blocks of 16 (MARVEL_CHECK), ChaCha20
  // any number: the key stream goes on where it was.
  void apply(MutableBytes bytes);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace marvel::vpn
