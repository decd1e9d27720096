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
// Nonces are 4 zero bytes ‖ LE64 counter. One thread at a time.
class WideGcm {
 public:
  enum class Width { kTwo, kFour };  // blocks per instruction: AVX2, AVX-512

  // Whether this CPU, under this system, can. The others are of no use where it cannot.
  static bool works_here();
  static bool works_here(Width width);
  static constexpr std::size_t kMostAssociated = 16;

  explicit WideGcm(const Secret& key);  // as wide as it works here
  WideGcm(const Secret& key, Width width);
  WideGcm(WideGcm&&) noexcept;
  WideGcm& operator=(WideGcm&&) noexcept;
  WideGcm(const WideGcm&) = delete;
  WideGcm& operator=(const WideGcm&) = delete;
  ~WideGcm();

  // As DataCipher's, with at most kMostAssociated bytes of `associated`.
  void seal(std::uint64_t counter, Bytes associated, MutableBytes text) const;
  [[nodiscard]] bool open(std::uint64_t counter, Bytes associated, MutableBytes sealed) const;

  struct Keys;  // what follows from the key

 private:
  Width width_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace marvel::vpn
