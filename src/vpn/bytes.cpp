#include "vpn/bytes.hpp"

namespace marvel::vpn {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// The value of a digit, or 16.
unsigned digit_value(char digit) {
  const char small = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit;
  const auto at = kDigits.find(small);
  return at == std::string_view::npos ? 16U : static_cast<unsigned>(at);
}

}  // namespace

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

bool unhex(std::string_view text, MutableBytes out) {
  if (text.size() != out.size() * 2) {
    return false;
  }
  for (std::size_t at = 0; at < out.size(); ++at) {
    const unsigned high = digit_value(text[2 * at]);
    const unsigned low = digit_value(text[2 * at + 1]);
    if (high > 15 || low > 15) {
      return false;
    }
    out[at] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

}  // namespace marvel::vpn
