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

struct Character {
  std::size_t bytes = 1;
  char32_t code = 0xFFFD;  // as for a byte that begins none
};

Character first_of(std::string_view text) {
  const int lead = static_cast<unsigned char>(text.front());
  const int follow = lead_of(lead).follow;
  const std::size_t bytes = static_cast<std::size_t>(follow) + 1;
  if (follow < 0 || utf8_prefix(text.substr(0, bytes)) != bytes) {
    return {};
  }
  constexpr int kLeadBits[] = {0x7F, 0x1F, 0x0F, 0x07};
  auto code = static_cast<char32_t>(lead & kLeadBits[follow]);
  for (const char byte : text.substr(1, bytes - 1)) {
    code = code << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  return {bytes, code};
}

// Unicode's groups Cc, Zl and Zp, and the marks of its algorithm for two directions (UAX 9).
bool changes_the_line(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C ||
         (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
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

std::string shown_text(std::string_view text, std::size_t most) {
  std::string shown;
  std::size_t count = 0;
  while (!text.empty() && count < most) {
    const Character character = first_of(text);
    if (character.code == 0xFFFD) {
      shown += "\uFFFD";
    } else if (changes_the_line(character.code)) {
      shown += ' ';
    } else {
      shown += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
    ++count;
  }
  return text.empty() ? shown : shown + "...";
}

}  // namespace marvel
