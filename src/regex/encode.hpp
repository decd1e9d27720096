#pragma once

#include <string>
#include <string_view>

namespace marvel::regex {

// Whether `text` is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

// With padding, RFC 4648 section 4.
std::string base64(std::string_view bytes);

}  // namespace marvel::regex
