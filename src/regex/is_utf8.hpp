#pragma once

#include <string_view>

namespace marvel::regex {

// Whether `text` is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace marvel::regex
