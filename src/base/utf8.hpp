#pragma once

#include <cstddef>
#include <string_view>

namespace marvel {

// How many bytes at the beginning of `text` are whole characters of UTF-8 (RFC 3629: no surrogates,
// no overlong forms, at most U+10FFFF). The size of `text` where all are.
std::size_t utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) {
  return utf8_prefix(text) == text.size();
}

}  // namespace marvel
