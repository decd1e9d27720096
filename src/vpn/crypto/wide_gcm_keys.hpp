#pragma once

#include "vpn/bytes.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/crypto/wide_gcm.hpp"

#include <cstddef>
#include <cstdint>

namespace marvel::vpn {

// What wide_gcm.cpp and the code of each width (wide_gcm_four.cpp, wide_gcm_two.cpp) share.
namespace gcm {

inline constexpr std::size_t kRounds = 14;  // of AES with a key of 256 bits
inline constexpr std::size_t kBlock = 16;   // bytes
inline constexpr std::size_t kPiece = 256;  // bytes at a time: sixteen blocks
inline constexpr std::size_t kPowers = kPiece / kBlock;
inline constexpr std::size_t kWidest = 64;  // bytes of the widest register: four blocks

// x^128 = x^127 + x^126 + x^121 + 1, as a reduction by halves wants it: GCM's polynomial with its
// bits the other way round.
inline constexpr std::uint64_t kPolynomial = 0xc200000000000000;

}  // namespace gcm

// What follows from one key, made by wide_gcm.cpp and read by the kernels. Loaded straight into
// registers of either width; wiped at the end.
struct WideGcm::Keys {
  // The keys of the rounds (FIPS 197, 5.2), each four times, so that one load fills a register.
  alignas(gcm::kWidest) std::uint8_t rounds[gcm::kRounds + 1][gcm::kWidest]{};
  // (H·x)^16 down to H·x, then zeros, because several are loaded at a time.
  alignas(
      gcm::kWidest) std::uint8_t powers[gcm::kPowers + gcm::kWidest / gcm::kBlock][gcm::kBlock]{};

  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    wipe({rounds[0], sizeof rounds});
    wipe({powers[0], sizeof powers});
  }
};

namespace gcm {

// Seal `text` in place and put the tag behind it; open the text whose tag stands behind it. At most
// WideGcm::kMostAssociated bytes are `associated`. Only for CPUs with the instructions.
void seal_four(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
               MutableBytes text);
bool open_four(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
               MutableBytes text);
void seal_two(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
              MutableBytes text);
bool open_two(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
              MutableBytes text);

}  // namespace gcm
}  // namespace marvel::vpn
