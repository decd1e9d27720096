#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Finds the places in a text where one of many literals stands, in any case of its letters.
//
// If every literal has at least m bytes, then of S = m - q + 1 neighbouring positions in a literal
// one is a multiple of S in the text, and q bytes of the literal follow it. So only every S-th
// position is looked at: its q bytes are hashed, and one bit says whether any literal holds them at
// any of S offsets. Few positions pass; those are compared with the literals themselves. (Wu and
// Manber, A fast algorithm for multi-pattern searching, 1994, with the shift made constant.)
//
// Immutable; threads may share it.
class QgramFilter {
 public:
  // `literals` are folded (see required.hpp). Nothing when one is too short to be worth it (below 3
  // bytes) or there is none.
  static std::optional<QgramFilter> make(std::vector<std::string> literals);

  // The smallest found place at or behind `from` where a literal begins, or text.size(). Places
  // come in rising order of their probes, which may be a few bytes off the order of the text; all
  // that begin in a line are found if the search goes on behind that line.
  [[nodiscard]] std::size_t next(std::string_view text, std::size_t from) const;

  // Bytes hashed per probe, and from probe to probe.
  [[nodiscard]] int gram() const { return gram_; }
  [[nodiscard]] int stride() const { return stride_; }
  [[nodiscard]] const std::vector<std::string>& literals() const { return literals_; }

  // q bytes of a literal, and where they stand in it.
  struct Entry {
    std::uint64_t gram = 0;
    std::uint32_t literal = 0;
    std::uint32_t offset = 0;
  };

  // The tables, for engines that probe elsewhere. hash(gram) = gram * kMultiplier >> (64 - bits);
  // bit hash(gram) of bits() tells whether to look on, in the bucket given by the highest
  // bucket_bits() of the product.
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15U;  // 2^64 by the golden ratio
  [[nodiscard]] std::uint64_t mask() const { return mask_; }
  [[nodiscard]] int hash_bits() const { return hash_bits_; }
  [[nodiscard]] int bucket_bits() const { return bucket_bits_; }
  [[nodiscard]] const std::vector<std::uint64_t>& bits() const { return bits_; }
  [[nodiscard]] const std::vector<std::uint32_t>& buckets() const { return buckets_; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  QgramFilter() = default;
  void choose_lengths();
  void fill();
  // Where a literal begins that has `gram` at `at`; npos without one.
  [[nodiscard]] std::size_t verify(std::string_view text, std::size_t at, std::uint64_t gram) const;

  std::vector<std::string> literals_;
  int gram_ = 0;
  int stride_ = 0;
  int hash_bits_ = 0;
  int bucket_bits_ = 0;
  std::uint64_t mask_ = 0;              // the lowest `gram_` bytes
  std::vector<std::uint64_t> bits_;     // one per hash
  std::vector<std::uint32_t> buckets_;  // begin of each bucket in entries_, and the end
  std::vector<Entry> entries_;
};

}  // namespace marvel::regex
