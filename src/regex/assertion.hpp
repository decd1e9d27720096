#pragma once

#include <cstdint>
#include <initializer_list>

namespace marvel::regex {

// What stands on one side of a position in a line. The line's edge is neither word nor other, so
// "^" and "\b" can tell it from a blank.
enum class Side : std::uint8_t { kEdge = 0, kOther = 1, kWord = 2 };

// A condition on a position that consumes nothing: the set of pairs (before, after) that it
// accepts. Bit 3 * before + after. Conditions at the same position are and-ed as bits.
using Assertion = std::uint16_t;

constexpr Assertion pair_bit(Side before, Side after) {
  return static_cast<Assertion>(
      1U << (3U * static_cast<unsigned>(before) + static_cast<unsigned>(after)));
}

// The assertion that `accepts(before, after)` describes.
template <class Accepts>
constexpr Assertion make_assertion(Accepts accepts) {
  Assertion bits = 0;
  for (const Side before : {Side::kEdge, Side::kOther, Side::kWord}) {
    for (const Side after : {Side::kEdge, Side::kOther, Side::kWord}) {
      if (accepts(before == Side::kWord, after == Side::kWord, before == Side::kEdge,
                  after == Side::kEdge)) {
        bits |= pair_bit(before, after);
      }
    }
  }
  return bits;
}

// ^ \A, $ \z
inline constexpr Assertion kLineBegin =
    make_assertion([](bool, bool, bool before_edge, bool) { return before_edge; });
inline constexpr Assertion kLineEnd =
    make_assertion([](bool, bool, bool, bool after_edge) { return after_edge; });
// \b \B
inline constexpr Assertion kWordEdge =
    make_assertion([](bool before, bool after, bool, bool) { return before != after; });
inline constexpr Assertion kNoWordEdge =
    make_assertion([](bool before, bool after, bool, bool) { return before == after; });
// \< \>
inline constexpr Assertion kWordBegin =
    make_assertion([](bool before, bool after, bool, bool) { return !before && after; });
inline constexpr Assertion kWordEnd =
    make_assertion([](bool before, bool after, bool, bool) { return before && !after; });
// The two sides of grep's -w: no word byte directly before, none directly after.
inline constexpr Assertion kNotAfterWord =
    make_assertion([](bool before, bool, bool, bool) { return !before; });
inline constexpr Assertion kNotBeforeWord =
    make_assertion([](bool, bool after, bool, bool) { return !after; });

// ASCII letters, digits and the underscore, whatever the locale.
constexpr bool is_word_byte(int byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_';
}

constexpr Side side_of(int byte) {
  return byte == '\n' ? Side::kEdge : is_word_byte(byte) ? Side::kWord : Side::kOther;
}

}  // namespace marvel::regex
