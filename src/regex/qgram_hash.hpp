#pragma once

#include "regex/qgram_filter.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace marvel::regex {

// The hashes of QgramFilter, byte for byte as its header defines them: for the filter, which fills
// its tables with them, and for the loops over text. The kernels of OpenCL make the same hashes
// (opencl/find_literals.cl), so whoever changes one changes both.

inline constexpr int kHalfGram = 4;  // bytes of a gram that are loaded at a time
// Whoever hashes at a place makes sure that so many are readable there, or takes a copy.
inline constexpr std::size_t kHashReach = 8;  // bytes that a hash may read
// Other bytes become equal as well, such as "@" and "`"; that only lets more through to the exact
// look.
inline constexpr std::uint32_t kFoldCase = 0x20202020U;  // both cases of a letter become one

// What a probe does, with all it needs in registers. It holds a pointer into the filter's table, so
// the filter outlives it.
struct GramProbe {
  const std::uint32_t* bits;
  int shift;
  std::uint32_t mask;  // of the bytes of a half that count
  std::size_t last;    // where the second half begins in a gram
  std::size_t stride;

  explicit GramProbe(const QgramFilter& filter)
      : bits(filter.grams().data()),
        shift(32 - filter.gram_bits()),
        mask(filter.gram() < kHalfGram ? ~0U >> (8 * (kHalfGram - filter.gram())) : ~0U),
        last(static_cast<std::size_t>(std::max(filter.gram() - kHalfGram, 0))),
        stride(static_cast<std::size_t>(filter.stride())) {}

  [[nodiscard]] std::uint32_t half(const char* at) const {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return (bytes | kFoldCase) & mask;
  }
  [[nodiscard]] std::uint32_t hash(const char* at) const {
    return (half(at) * QgramFilter::kFirst + half(at + last) * QgramFilter::kLast) >> shift;
  }
  // 1 when some literal may hold the gram at `at`, 0 when none does.
  [[nodiscard]] std::uint32_t may_hold(const char* at) const {
    const std::uint32_t place = hash(at);
    return bits[place / 32] >> (place % 32) & 1U;
  }
};

// `mask` is QgramFilter::window_mask(). The eight bytes at `at` are readable, whatever of them
// counts.
inline std::uint32_t window_hash(const char* at, std::uint64_t mask) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  bytes = (bytes | std::uint64_t{kFoldCase} << 32 | kFoldCase) & mask;
  return static_cast<std::uint32_t>(bytes * QgramFilter::kWindow >> 32);
}

}  // namespace marvel::regex
