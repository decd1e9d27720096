#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace marvel {

// Base64 (RFC 4648, section 4), with padding: 4 letters for each 3 bytes begun, no line ends. The
// bytes may be anything; nothing here can fail but decoding.
//   base64_encode("marvel")      "bWFydmVs"
//   base64_encode("edge")        "ZWRnZQ=="
//   base64_url_encode("edge")    "ZWRnZQ"
std::string base64_encode(std::string_view bytes);
// The alphabet for URLs and file names (section 5), without padding. Nothing here reads it back.
std::string base64_url_encode(std::string_view bytes);
// Reads what base64_encode writes. Line ends between the letters are skipped, as PEM and YAML have
// them. kInput for anything else outside the alphabet, blanks and the letters of the URL alphabet
// included, and for wrong padding. Bits behind the last whole byte are not looked at. Memory is
// that of the result, 3 bytes for 4 letters; a caller that reads from strangers bounds the text.
Result<std::string> base64_decode(std::string_view text);

}  // namespace marvel
