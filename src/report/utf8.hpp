#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace marvel::report {

// Text as a screen sees it. All functions take any bytes: what is no valid UTF-8 counts, and is
// shown, as U+FFFD per byte, so a hostile file name can neither break a JSON line nor a table.

// Takes one code point off the front of `text`, which must not be empty.
char32_t take_code_point(std::string_view* text);

// Columns on a terminal: 0 for combining marks and controls, 2 for East Asian wide characters and
// emoji, 1 for the rest. Unlike wcwidth it needs no locale; rare scripts may be off by a column.
int columns_of(char32_t code_point);
std::size_t display_width(std::string_view text);

// `text` with every invalid byte replaced by U+FFFD; what JSON, XML and terminals want.
std::string valid_utf8(std::string_view text);

// `text` fit for a terminal and a log: valid UTF-8 in which control characters and marks that turn
// the reading direction are spelled out ("\x1b", "\u202e"), so that no message moves the cursor,
// changes colours or fakes a second line. A line end becomes "\n", a tab one blank.
std::string printable(std::string_view text);

// The longest prefix of at most `width` columns.
std::string_view clip(std::string_view text, std::size_t width);
// `text` cut in the middle to `width` columns: "abc...xyz". Invalid bytes are replaced.
std::string elide(std::string_view text, std::size_t width);

}  // namespace marvel::report
