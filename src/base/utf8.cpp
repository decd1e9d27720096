#include "base/utf8.hpp"

#include <cstdint>

namespace marvel {
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

std::size_t utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    Lead lead = lead_of(static_cast<unsigned char>(text[at]));
    if (lead.follow < 0) {
      return at;
    }
    std::size_t next = at + 1;
    for (; lead.follow > 0; --lead.follow, ++next) {
      const int byte = next < text.size() ? static_cast<unsigned char>(text[next]) : 0;
      if (byte < lead.second_first || byte > lead.second_last) {
        return at;
      }
      lead.second_first = 0x80;
      lead.second_last = 0xBF;
    }
    at = next;
  }
  return at;
}

}  // namespace marvel
