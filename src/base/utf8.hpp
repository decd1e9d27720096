#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace marvel {

// UTF-8 as it comes from outside: whether it is any, and how to show it. Nothing here looks at what
// Unicode says of letters (case, width, composition) but for the characters that steer a line.
//
// How many bytes at the beginning of `text` are whole characters of UTF-8 (RFC 3629: no surrogates,
// no overlong forms, at most U+10FFFF). The size of `text` where all are; a character that is cut
// off at the end does not count. One pass, no allocation.
std::size_t utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

// Text of strangers as it may stand in files, on pages and terminals, at most `most` characters of
// it: what is no UTF-8 becomes U+FFFD; control characters, line ends and marks that turn the order
// of a line around become blanks; three dots stand for what is left out. For names that clients
// choose, messages that peers send. `most` bounds the memory as well: four bytes each, and the
// dots. It does not escape: HTML, JSON and YAML do that where they are written.
std::string shown_text(std::string_view text, std::size_t most);

}  // namespace marvel
