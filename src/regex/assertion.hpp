#pragma once

#include <cstdint>
#include <initializer_list>

namespace marvel::regex {

// What stands on one side of a position in a line. The line's edge is neither word nor other, so
// "^" and "\b" can tell it from a blank. A position lies between two bytes: in "ab" there are
// three, and the first one has the sides (kEdge, kWord).
enum class Side : std::uint8_t { kEdge = 0, kOther = 1, kWord = 2 };

// A condition on a position that consumes nothing: the set of pairs (before, after) that it
// accepts. Bit 3 * before + after, so nine bits are used. Conditions at the same position are
// and-ed as bits, and one that cannot be decided yet is a plain and with the pairs that are still
// possible; no kind of assertion needs code of its own. The bits are in pattern databases
// (docs/formats/regex-database.md), so their order stays.
using Assertion = std::uint16_t;

constexpr Assertion pair_bit(Side before, Side after) {
  return static_cast<Assertion>(
      1U << (3U * static_cast<unsigned>(before) + static_cast<unsigned>(after)));
}

// The assertion that `accepts(before_is_word, after_is_word, before_is_edge, after_is_edge)`
// describes, which is asked for all nine pairs.
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

// ^ \A, $ \z. Every line is matched by itself, so the begin of the text and that of a line are one.
inline constexpr Assertion kLineBegin =
    make_assertion([](bool, bool, bool before_edge, bool) { return before_edge; });
inline constexpr Assertion kLineEnd =
    make_assertion([](bool, bool, bool, bool after_edge) { return after_edge; });
// \b \B. The line's edge counts as no word here.
inline constexpr Assertion kWordEdge =
    make_assertion([](bool before, bool after, bool, bool) { return before != after; });
inline constexpr Assertion kNoWordEdge =
    make_assertion([](bool before, bool after, bool, bool) { return before == after; });
// \< \>, as grep writes them. Unlike \b they tell the begin of a word from its end.
inline constexpr Assertion kWordBegin =
    make_assertion([](bool before, bool after, bool, bool) { return !before && after; });
inline constexpr Assertion kWordEnd =
    make_assertion([](bool before, bool after, bool, bool) { return before && !after; });
// The two sides of grep's -w: no word byte directly before, none directly after. Weaker than \b: a
// match may also begin or end with a byte that is no word byte, as "-x" in "a -x b" does.
inline constexpr Assertion kNotAfterWord =
    make_assertion([](bool before, bool, bool, bool) { return !before; });
inline constexpr Assertion kNotBeforeWord =
    make_assertion([](bool, bool after, bool, bool) { return !after; });

// ASCII letters, digits and the underscore, whatever the locale; with --unicode too, as in RE2.
// Bytes are given as 0 to 255.
constexpr bool is_word_byte(int byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z') || byte == '_';
}

// The side that `byte` makes. A line end makes the edge, and it stands behind every line that is
// searched; in front of a line it is the caller who knows that there is an edge.
constexpr Side side_of(int byte) {
  return byte == '\n' ? Side::kEdge : is_word_byte(byte) ? Side::kWord : Side::kOther;
}

}  // namespace marvel::regex
