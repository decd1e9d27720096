#include "base/base64.hpp"

#include <array>
#include <cstdint>

namespace marvel {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Three bytes make four letters of six bits each.
std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6;) {
      count -= 6;
      text += alphabet[bits >> static_cast<unsigned>(count) & 63U];
    }
  }
  if (count > 0) {
    text += alphabet[bits << static_cast<unsigned>(6 - count) & 63U];
  }
  return text;
}

constexpr std::array<std::int8_t, 256> decoding_table() {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table) {
    entry = -1;
  }
  for (std::size_t i = 0; i < kStandard.size(); ++i) {
    table[static_cast<unsigned char>(kStandard[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text = encode(bytes, kStandard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base64_url_encode(std::string_view bytes) {
  return encode(bytes, kUrl);
}

Result<std::string> base64_decode(std::string_view text) {
  static constexpr auto kTable = decoding_table();
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t letters = 0;
  std::size_t padding = 0;
  for (const char letter : text) {
    if (letter == '\n' || letter == '\r') {
      continue;
    }
    ++letters;
    if (letter == '=') {
      ++padding;
      continue;
    }
    const std::int8_t value = kTable[static_cast<unsigned char>(letter)];
    if (value < 0 || padding > 0) {
      return fail(Errc::kInput, "not base64");
    }
    bits = bits << 6U | static_cast<std::uint8_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 255U);
    }
  }
  if (letters % 4 != 0 || padding > 2) {
    return fail(Errc::kInput, "not base64: its length or padding is wrong");
  }
  return bytes;
}

}  // namespace marvel
