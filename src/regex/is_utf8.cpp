#include "regex/is_utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace marvel::regex {
namespace {

// The first byte says how many follow, and narrows the second: RFC 3629, section 4.
struct Lead {
  int follow = 0;
  int second_first = 0x80;
  int second_last = 0xBF;
};

Lead lead_of(int byte) {
  if (byte < 0x80) {
    return {0};
  }
  if (byte >= 0xC2 && byte <= 0xDF) {
    return {1};
  }
  if (byte >= 0xE0 && byte <= 0xEF) {
    return {2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    return {3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
  }
  return {-1};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    Lead lead = lead_of(static_cast<unsigned char>(text[at]));
    if (lead.follow < 0) {
      return false;
    }
    for (; lead.follow > 0; --lead.follow) {
      const int byte = ++at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
      if (byte < lead.second_first || byte > lead.second_last) {
        return false;
      }
      lead.second_first = 0x80;
      lead.second_last = 0xBF;
    }
  }
  return true;
}

}  // namespace marvel::regex
