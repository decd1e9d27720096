#include "regex/encode.hpp"

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

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto byte = at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
      group = group << 8U | byte;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool padding = at + i > bytes.size();
      text += padding ? '=' : kDigits[group >> (18U - 6U * i) & 63U];
    }
  }
  return text;
}

}  // namespace marvel::regex
