#pragma once

#include "regex/byte_set.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

// A set of code points, or of bytes, as rising ranges that do not touch.
class CodeSet {
 public:
  struct Range {
    char32_t first = 0;
    char32_t last = 0;  // included
    friend bool operator==(const Range&, const Range&) = default;
  };

  CodeSet() = default;
  CodeSet(char32_t first, char32_t last) { add(first, last); }
  explicit CodeSet(const ByteSet& bytes);

  void add(char32_t first, char32_t last);
  void add(const CodeSet& other);

  [[nodiscard]] bool contains(char32_t code) const;
  // What is not in the set, up to and including `last`.
  [[nodiscard]] CodeSet complement(char32_t last) const;
  // The members below 256.
  [[nodiscard]] ByteSet bytes() const;
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }

 private:
  std::vector<Range> ranges_;
};

}  // namespace marvel::regex
