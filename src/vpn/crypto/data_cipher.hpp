#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"

#include <memory>

namespace marvel::vpn {

// What seals frames. The numbers stand in handshakes as bits of a set: each side says what it is
// willing to use, and choose_suite() of both sets is the session's.
enum class Suite : std::uint8_t {
  kAes256Gcm = 1,         // NIST SP 800-38D; needs the CPU's instructions to be fast
  kChaCha20Poly1305 = 2,  // RFC 8439
};

// One key in one direction. AES by WideGcm where the CPU can, everything else by OpenSSL, which is
// faster than libsodium at the size of frames. The key is set up once; a packet sets only the
// nonce, 4 zero bytes ‖ LE64 counter. One thread at a time.
//
//   DataCipher seal(suite, key, DataCipher::Direction::kSeal);
//   DataCipher open(suite, key, DataCipher::Direction::kOpen);   // at the other side
//   seal.seal(7, header, room);          // room: text, and 16 bytes for the tag
//   open.open(7, header, sealed);        // true; sealed.first(size - 16) is the text
//
// It keeps no counters: who sends counts up, who receives refuses what came before (Session and
// ReplayWindow in vpn/channel). A cipher that was moved from can only be assigned to or destroyed.
class DataCipher {
 public:
  enum class Direction { kSeal, kOpen };

  // `wide`: WideGcm may be used; tests say no, to have both judged by each other. The key is copied
  // into the cipher's own form. OpenSSL without the suite is a mistake of the build (MARVEL_CHECK).
  DataCipher(Suite suite, const Secret& key, Direction direction, bool wide = true);
  DataCipher(DataCipher&&) noexcept;
  DataCipher& operator=(DataCipher&&) noexcept;
  DataCipher(const DataCipher&) = delete;
  DataCipher& operator=(const DataCipher&) = delete;
  ~DataCipher();

  // Seals `text` in place and writes the tag behind it: text.size() + 16 bytes must be there. A
  // counter must never be used twice: two texts under one counter give away their difference, and
  // with AES-GCM the key of the tags. `associated` has at most 16 bytes, which are authenticated
  // and stay as they are. Only with kSeal.
  void seal(std::uint64_t counter, Bytes associated, MutableBytes text);
  // Opens `sealed` (text and tag) in place; its first size() - 16 bytes are the text then. False
  // when anything was changed on the way, or it is shorter than a tag; the bytes are worth nothing
  // then. Only with kOpen.
  [[nodiscard]] bool open(std::uint64_t counter, Bytes associated, MutableBytes sealed);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The suites this machine is willing to use, as a set of bits: ChaCha20 always, AES where the CPU
// has instructions for it.
std::uint8_t supported_suites();
// The best suite of both sets: AES where both have instructions for it. ChaCha20 when the sets
// have nothing in common, because every node has it.
Suite choose_suite(std::uint8_t mine, std::uint8_t theirs);

}  // namespace marvel::vpn
