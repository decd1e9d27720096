#pragma once

#include "regex/byte_set.hpp"
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

// `set` and the other case of its letters: ASCII, and Latin-1 above it.
ByteSet fold_case(const ByteSet& set);

// The class that "\d", "\D", "\s", "\S", "\w" or "\W" stands for, by its letter.
std::optional<ByteSet> escape_class(int letter);

// Reads an escape that is one byte: "\n", "\x41", "\x{41}", "\101", "\.". The cursor stands on the
// backslash and is moved behind the escape.
Parsed<int> parse_escaped_byte(Cursor& cursor);

// Reads "[...]"; the cursor stands on "[" and is moved behind "]". The result holds no line end.
Parsed<ByteSet> parse_bracket(Cursor& cursor, bool ignore_case);

}  // namespace marvel::regex
