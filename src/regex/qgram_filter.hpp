#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Tables to find the places in a text where one of many literals stands, in any case of its
// letters; qgram_scan.hpp goes over the text.
//
// If every literal has at least m bytes, then of S = m - q + 1 neighbouring positions in a literal
// one is a multiple of S in the text, and q bytes of the literal follow it. So only every S-th
// position is looked at: its q bytes are hashed, and one bit says whether any literal holds them at
// any of S offsets. (Wu and Manber, A fast algorithm for multi-pattern searching, 1994, with the
// shift made constant.) Where it does, each offset gives a window of q + S - 1 bytes that would
// have to be a literal's; a second table of bits tells. What passes is compared with the literals.
//
// Immutable; threads may share it.
class QgramFilter {
 public:
  // `literals` are folded (see required.hpp). Nothing when one is too short to be worth it (below 3
  // bytes) or there is none. The lengths follow from the shortest literal and from how many there
  // are: grams of 3 to 8 bytes, a stride of 1 to 4, tables of bits of at most 256 KiB.
  static std::optional<QgramFilter> make(std::vector<std::string> literals);

  // Where the literal begins whose window begins at `at`; npos when there is none. Several literals
  // may have the window, and then any one that stands there is given. `at` is at most text.size();
  // bytes behind the text are not read.
  [[nodiscard]] std::size_t literal_around(std::string_view text, std::size_t at) const;

  // Bytes hashed per probe, and from probe to probe: q and S above.
  [[nodiscard]] int gram() const { return gram_; }
  [[nodiscard]] int stride() const { return stride_; }
  [[nodiscard]] const std::vector<std::string>& literals() const { return literals_; }

  // The window of a literal by which it is found: of all its windows one with the most letters that
  // are rare in logs and prose, so that little else in a text has the hash.
  struct Entry {
    std::uint32_t hash = 0;  // of the window
    std::uint32_t literal = 0;
    std::uint32_t begin = 0;  // of the window in the literal
  };

  // The tables, for engines that probe elsewhere. In all bytes that are hashed bit 5 is set. Of a
  // gram, the first four bytes x and the last four y count (they overlap, and are the same three
  // bytes where a gram has only three): its hash is (x * kFirst + y * kLast) mod 2^32 >>
  // (32 - gram_bits()), a place in grams(). Of a window, up to eight bytes w, an integer with the
  // first byte lowest, count: its hash is (w * kWindow) mod 2^64 >> 32; the highest window_bits()
  // of that are its place in windows(), the highest bucket_bits() its bucket.
  static constexpr std::uint32_t kFirst = 0x9E3779B1U;  // primes near 2^32 by the golden ratio
  static constexpr std::uint32_t kLast = 0x85EBCA77U;   // and elsewhere
  static constexpr std::uint64_t kWindow = 0x9E3779B97F4A7C15U;  // 2^64 by the golden ratio
  [[nodiscard]] int gram_bits() const { return gram_bits_; }
  [[nodiscard]] int window_bits() const { return window_bits_; }
  [[nodiscard]] int bucket_bits() const { return bucket_bits_; }
  [[nodiscard]] const std::vector<std::uint32_t>& grams() const { return grams_; }
  [[nodiscard]] const std::vector<std::uint32_t>& windows() const { return windows_; }
  [[nodiscard]] const std::vector<std::uint32_t>& buckets() const { return buckets_; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  // The bytes of a window that count.
  [[nodiscard]] std::uint64_t window_mask() const;

 private:
  QgramFilter() = default;
  void choose_lengths();
  void fill();

  std::vector<std::string> literals_;
  int gram_ = 0;
  int stride_ = 0;
  int gram_bits_ = 0;
  int window_bits_ = 0;
  int bucket_bits_ = 0;
  std::vector<std::uint32_t> grams_;    // a bit per hash of a gram
  std::vector<std::uint32_t> windows_;  // a bit per hash of a window
  std::vector<std::uint32_t> buckets_;  // begin of each bucket in entries_, and the end
  std::vector<Entry> entries_;
};

}  // namespace marvel::regex
