#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace marvel {

// How many bytes at the beginning of `text` are whole characters of UTF-8 (RFC 3629: no surrogates,
// no overlong forms, at most U+10FFFF). The size of `text` where all are.
std::size_t utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

// Text of strangers as it may stand in files, on pages and terminals, at most `most` characters of
// it: what is no UTF-8 becomes U+FFFD; control characters, line ends and marks that turn the order
// of a line around become blanks; three dots stand for what is left out.
std::string shown_text(std::string_view text, std::size_t most);

}  // namespace marvel
