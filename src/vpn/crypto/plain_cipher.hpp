#pragma once

#include "vpn/bytes.hpp"

#include <memory>

namespace marvel::vpn {

// Ciphers without authentication, by OpenSSL: only for protocols that have nothing better.
// What the network changes is not noticed. One thread at a time.
class PlainCipher {
 public:
  enum class Kind {
    kAesCbc,    // NIST SP 800-38A, no padding; key of 16, 24 or 32 bytes
    kAesBlock,  // each block for itself
    kChaCha20,  // key of 32 bytes; IV = LE32 block counter ‖ nonce of 12 bytes
  };
  enum class Direction { kEncrypt, kDecrypt };

  PlainCipher(Kind kind, Bytes key, Direction direction);
  PlainCipher(PlainCipher&&) noexcept;
  PlainCipher& operator=(PlainCipher&&) noexcept;
  PlainCipher(const PlainCipher&) = delete;
  PlainCipher& operator=(const PlainCipher&) = delete;
  ~PlainCipher();

  // Before each message.
  void start(const Block<16>& iv);
  // The next bytes of the message, in place. AES takes whole blocks of 16.
  void apply(MutableBytes bytes);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace marvel::vpn
