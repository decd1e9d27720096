#pragma once

#include "regex/code_set.hpp"
#include "regex/syntax.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace marvel::regex {

// Where a parser stands in a pattern. The functions below take one that stands on what they read,
// and move it behind that when they succeed; after a refusal the pattern is given up, and where it
// stands means nothing. `text` is the whole pattern, so offsets in a SyntaxError are offsets in the
// pattern.
//
// They are the leaves of parse() (see syntax.hpp): each reads one character or one class, and gives
// its code point or the set of them. How a set becomes bytes of UTF-8 is parse()'s business. None
// of them leaves the line end out, so that a negated set is turned around as a whole; parse() takes
// it out in the end.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] bool done() const { return at >= text.size(); }
  // The byte as 0 to 255, or -1 behind the end, so that one comparison asks for both.
  [[nodiscard]] int peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? static_cast<unsigned char>(text[at + ahead]) : -1;
  }
  [[nodiscard]] std::string_view rest() const { return text.substr(at); }
  [[nodiscard]] bool starts_with(std::string_view prefix) const {
    return rest().substr(0, prefix.size()) == prefix;
  }
};

// What a pattern is written in: bytes, of which those above 127 are Latin-1, or Unicode in UTF-8.
// It decides how characters are read, where a negated set ends, and which letters are cases of each
// other.
struct Alphabet {
  bool unicode = false;

  [[nodiscard]] char32_t last() const { return unicode ? kLastCodePoint : 0xFF; }
  // `set` and the other cases of its letters: ASCII's and Latin-1's, or those of Unicode's simple
  // case folding.
  [[nodiscard]] CodeSet folded(const CodeSet& set) const;
};

// Reads one character that stands for itself and moves the cursor behind it. Refuses what is no
// UTF-8 where the alphabet is Unicode. The cursor is not at the end.
Parsed<char32_t> parse_plain(Cursor& cursor, const Alphabet& alphabet);

// Reads an escape that is one character: "\n", "\x41", "\x{41}", "\101", "\.". The cursor stands on
// the backslash and is moved behind the escape. Refuses a number beyond the alphabet, letters
// without a meaning, a lone backslash at the end, and back-references such as "\1" with a word
// about why.
Parsed<char32_t> parse_escaped(Cursor& cursor, const Alphabet& alphabet);

// Reads an escape that is a class: "\d", "\W", "\pL", "\P{Greek}". Nothing, with the cursor where
// it was, for another escape. "\d", "\s" and "\w" are ASCII's in both alphabets, as in RE2; of a
// property the members below 256 count where the alphabet is bytes. With `ignore_case` the set is
// folded before it is negated.
Parsed<std::optional<CodeSet>> parse_escaped_class(Cursor& cursor, const Alphabet& alphabet,
                                                   bool ignore_case);

// Reads "[...]"; the cursor stands on "[" and is moved behind "]". A "]" that comes first, and a
// "-" that comes first or last, stand for themselves. With `ignore_case` each member is folded
// before the whole is negated, so "(?i)[^a]" leaves out A as well.
Parsed<CodeSet> parse_bracket(Cursor& cursor, const Alphabet& alphabet, bool ignore_case);

}  // namespace marvel::regex
