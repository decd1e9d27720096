#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace marvel::regex {

// A set of byte values, 0 to 255. A plain value of 32 bytes that is copied freely, ordered so that
// it can be a key, and usable in constants. Bytes are passed as int, so that nobody has to think
// about the sign of char; a value outside of 0 to 255 is a mistake that nothing checks.
//   ByteSet digits = ByteSet::range('0', '9');
//   digits.remove('7');
class ByteSet {
 public:
  static constexpr ByteSet all() {
    ByteSet set;
    set.words_.fill(~std::uint64_t{0});
    return set;
  }
  // Both ends included; empty when first > last.
  static constexpr ByteSet range(int first, int last) {
    ByteSet set;
    set.add(first, last);
    return set;
  }

  constexpr void add(int byte) { words_[word(byte)] |= bit(byte); }
  // Both ends included, as in range().
  constexpr void add(int first, int last) {
    for (int byte = first; byte <= last; ++byte) {
      add(byte);
    }
  }
  constexpr void remove(int byte) { words_[word(byte)] &= ~bit(byte); }

  [[nodiscard]] constexpr bool contains(int byte) const {
    return (words_[word(byte)] & bit(byte)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return *this == ByteSet(); }
  [[nodiscard]] constexpr int size() const {
    int count = 0;
    for (const auto word : words_) {
      count += std::popcount(word);
    }
    return count;
  }
  [[nodiscard]] constexpr ByteSet complement() const {
    ByteSet set;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      set.words_[i] = ~words_[i];
    }
    return set;
  }
  constexpr ByteSet& operator|=(const ByteSet& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words_[i] |= other.words_[i];
    }
    return *this;
  }
  friend constexpr bool operator==(const ByteSet&, const ByteSet&) = default;
  // An order for keys of maps, without a meaning for the set.
  friend constexpr auto operator<=>(const ByteSet&, const ByteSet&) = default;

 private:
  // Byte b is bit b % 64 of word b / 64.
  static constexpr std::size_t word(int byte) { return static_cast<std::size_t>(byte) / 64; }
  static constexpr std::uint64_t bit(int byte) {
    return std::uint64_t{1} << (static_cast<unsigned>(byte) % 64U);
  }

  std::array<std::uint64_t, 4> words_{};
};

}  // namespace marvel::regex
