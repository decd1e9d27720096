#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace marvel {

// Base64 (RFC 4648, section 4), with padding.
std::string base64_encode(std::string_view bytes);
// The alphabet for URLs and file names (section 5), without padding.
std::string base64_url_encode(std::string_view bytes);
// Line ends between the letters are skipped. kInput for anything else outside the alphabet, and
// for wrong padding.
Result<std::string> base64_decode(std::string_view text);

}  // namespace marvel
