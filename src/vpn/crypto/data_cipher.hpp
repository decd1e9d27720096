#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"

#include <memory>

namespace marvel::vpn {

// What seals frames. The numbers stand in handshakes as bits of a set.
enum class Suite : std::uint8_t {
  kAes256Gcm = 1,         // NIST SP 800-38D; needs the CPU's instructions to be fast
  kChaCha20Poly1305 = 2,  // RFC 8439
};

// One key in one direction. AES by WideGcm where the CPU can, everything else by OpenSSL, which is
// faster than libsodium at the size of frames. The key is set up once; a packet sets only the
// nonce, 4 zero bytes ‖ LE64 counter. One thread at a time.
class DataCipher {
 public:
  enum class Direction { kSeal, kOpen };

  // `wide`: WideGcm may be used; tests say no.
  DataCipher(Suite suite, const Secret& key, Direction direction, bool wide = true);
  DataCipher(DataCipher&&) noexcept;
  DataCipher& operator=(DataCipher&&) noexcept;
  DataCipher(const DataCipher&) = delete;
  DataCipher& operator=(const DataCipher&) = delete;
  ~DataCipher();

  // Seals `text` in place and writes the tag behind it: text.size() + 16 bytes must be there.
  // A counter must never be used twice. `associated` has at most 16 bytes.
  void seal(std::uint64_t counter, Bytes associated, MutableBytes text);
  // Opens `sealed` (text and tag) in place; its first size() - 16 bytes are the text then. False
  // when anything was changed on the way; the bytes are worth nothing then.
  [[nodiscard]] bool open(std::uint64_t counter, Bytes associated, MutableBytes sealed);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The suites this machine is willing to use, as a set of bits.
std::uint8_t supported_suites();
// The best suite of both sets: AES where both have instructions for it. ChaCha20 when the sets
// have nothing in common, because every node has it.
Suite choose_suite(std::uint8_t mine, std::uint8_t theirs);

}  // namespace marvel::vpn
