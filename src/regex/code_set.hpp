#pragma once

#include "regex/byte_set.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

// The end of Unicode.
inline constexpr char32_t kLastCodePoint = 0x10FFFF;

// A set of code points, or of bytes, as rising ranges that do not touch: each range begins at least
// two behind the end of the one before it, so equal sets have equal ranges. Ranges and not bits,
// because most sets of Unicode are a few hundred ranges in a million code points.
class CodeSet {
 public:
  struct Range {
    char32_t first = 0;
    char32_t last = 0;  // included
    friend bool operator==(const Range&, const Range&) = default;
  };

  CodeSet() = default;
  // One range, both ends included.
  CodeSet(char32_t first, char32_t last) { add(first, last); }
  // The same members, as code points below 256.
  explicit CodeSet(const ByteSet& bytes);

  // Both ends included, first <= last. Ranges that meet become one. Costs a search, and moves all
  // ranges behind; ranges that are added in rising order move none.
  void add(char32_t first, char32_t last);
  void add(const CodeSet& other);

  // A binary search over the ranges.
  [[nodiscard]] bool contains(char32_t code) const;
  // What is not in the set, up to and including `last`: 255 for bytes, kLastCodePoint for Unicode.
  // No member may be larger than `last`.
  [[nodiscard]] CodeSet complement(char32_t last) const;
  // The members below 256.
  [[nodiscard]] ByteSet bytes() const;
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

}  // namespace marvel::regex
