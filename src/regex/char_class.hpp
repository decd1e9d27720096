#pragma once

#include "regex/code_set.hpp"
#include "regex/syntax.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace marvel::regex {

// Where a parser stands in a pattern.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] bool done() const { return at >= text.size(); }
  [[nodiscard]] int peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? static_cast<unsigned char>(text[at + ahead]) : -1;
  }
  [[nodiscard]] std::string_view rest() const { return text.substr(at); }
  [[nodiscard]] bool starts_with(std::string_view prefix) const {
    return rest().substr(0, prefix.size()) == prefix;
  }
};

// What a pattern is written in: bytes, of which those above 127 are Latin-1, or Unicode in UTF-8.
struct Alphabet {
  bool unicode = false;

  [[nodiscard]] char32_t last() const { return unicode ? kLastCodePoint : 0xFF; }
  // `set` and the other cases of its letters.
  [[nodiscard]] CodeSet folded(const CodeSet& set) const;
};

// Reads one character that stands for itself and moves the cursor behind it. Refuses what is no
// UTF-8 where the alphabet is Unicode.
Parsed<char32_t> parse_plain(Cursor& cursor, const Alphabet& alphabet);

// Reads an escape that is one character: "\n", "\x41", "\x{41}", "\101", "\.". The cursor stands on
// the backslash and is moved behind the escape.
Parsed<char32_t> parse_escaped(Cursor& cursor, const Alphabet& alphabet);

// Reads an escape that is a class: "\d", "\W", "\pL", "\P{Greek}". Nothing, with the cursor where
// it was, for another escape.
Parsed<std::optional<CodeSet>> parse_escaped_class(Cursor& cursor, const Alphabet& alphabet,
                                                   bool ignore_case);

// Reads "[...]"; the cursor stands on "[" and is moved behind "]".
Parsed<CodeSet> parse_bracket(Cursor& cursor, const Alphabet& alphabet, bool ignore_case);

}  // namespace marvel::regex
