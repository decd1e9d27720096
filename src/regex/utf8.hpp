#pragma once

#include "regex/code_set.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// The code point whose encoding (RFC 3629) begins at `at`, and its length; nothing when the bytes
// there are no UTF-8: cut off, longer than they need be, a surrogate, or beyond U+10FFFF. `at` <
// text.size().
struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;
};
std::optional<Decoded> decode_utf8(std::string_view text, std::size_t at);

// The encodings of all members of `set`: a string of bytes is one if for some sequence each of its
// bytes is in the sequence's set at that place. Surrogates are encoded like others, as in RE2: "."
// passes over them. Sequences that differ in one place only are merged, so that there are few.
//   U+00E4 to U+00F6  gives  {C3} {A4 to B6}
std::vector<std::vector<ByteSet>> utf8_sequences(const CodeSet& set);

}  // namespace marvel::regex
