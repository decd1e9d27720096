#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"

#include <memory>

namespace marvel::vpn {

// AES-256-GCM (NIST SP 800-38D) on CPUs that work on several blocks with one instruction: VAES and
// VPCLMULQDQ, with AVX-512 or AVX2. The OpenSSL of Debian 12 does not know these and needs two to
// three times as long for a frame; tests hold this against it. No branch and no address depends on
// a secret.
//
//   wide_gcm.cpp         which CPU can what; the keys
//   wide_gcm_kernel.hpp  the algorithm, over registers of either width, and how it works
//   wide_gcm_four.cpp, wide_gcm_two.cpp   the same kernel, compiled for each width
//   wide_gcm_block.hpp   one block, for the keys and the tag's end
//
// Nonces are 4 zero bytes ‖ LE64 counter. One thread at a time. Use it through DataCipher, which
// takes OpenSSL where this does not work.
class WideGcm {
 public:
  // Blocks per instruction: 256 bits with AVX2, 512 with AVX-512. Both seal to the same bytes.
  enum class Width { kTwo, kFour };

  // Whether this CPU, under this system, can. The others are of no use where it cannot: making one
  // is a mistake of the caller then (MARVEL_CHECK). False on processors other than x86-64. Found
  // out once.
  static bool works_here();
  static bool works_here(Width width);
  // Bytes of associated data: one block, which the header of a sealed packet fills.
  static constexpr std::size_t kMostAssociated = 16;

  // As wide as it works here. Expands the key to 15 round keys and 16 powers of H, in memory that
  // is wiped at the end: 1.25 KiB.
  explicit WideGcm(const Secret& key);
  WideGcm(const Secret& key, Width width);
  WideGcm(WideGcm&&) noexcept;
  WideGcm& operator=(WideGcm&&) noexcept;
  WideGcm(const WideGcm&) = delete;
  WideGcm& operator=(const WideGcm&) = delete;
  ~WideGcm();

  // As DataCipher's, with at most kMostAssociated bytes of `associated` (MARVEL_CHECK). One key
  // serves both directions. Nothing beside text and tag is written, whatever the size.
  void seal(std::uint64_t counter, Bytes associated, MutableBytes text) const;
  [[nodiscard]] bool open(std::uint64_t counter, Bytes associated, MutableBytes sealed) const;

  // What follows from the key: wide_gcm_keys.hpp.
  struct Keys;

 private:
  Width width_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace marvel::vpn
