#include "deploy/yaml_quirks.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace marvel::deploy {
namespace {

// The value of "\\uXXXX" at `at`; nothing for other text.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || !text.substr(at).starts_with("\\u")) {
    return std::nullopt;
  }
  unsigned unit = 0;
  const char* begin = text.data() + at + 2;
  const auto [end, error] = std::from_chars(begin, begin + 4, unit, 16);
  return error == std::errc() && end == begin + 4 ? std::optional(unit) : std::nullopt;
}

}  // namespace

std::optional<Position> control_character(std::string_view text) {
  Position position{1, 1};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) {
      return position;
    }
    position =
        c == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + 1};
  }
  return std::nullopt;
}

std::optional<Position> broken_utf8(std::string_view text) {
  const std::size_t good = utf8_prefix(text);
  if (good == text.size()) {
    return std::nullopt;
  }
  const std::string_view before = text.substr(0, good);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return Position{static_cast<int>(lines) + 1, static_cast<int>(good - line_begin) + 1};
}

std::string repair_latin1(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t size = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    out += byte == 0x85 || byte == 0xA0 ? "\xC2" : "";
    out += text.substr(i, size);
    i += size - 1;
  }
  return out;
}

bool loses_line_ends(std::string_view text, std::size_t begin) {
  if (begin >= text.size() || (text[begin] != '"' && text[begin] != '\'')) {
    return false;
  }
  const char quote = text[begin];
  std::size_t end = begin + 1;
  for (; end < text.size(); ++end) {
    const bool escape = quote == '"' ? text[end] == '\\' : text.substr(end).starts_with("''");
    if (text[end] == quote && !escape) {
      break;
    }
    end += escape ? 1 : 0;
  }
  std::size_t line_ends = 0;
  for (std::size_t i = std::min(end, text.size()); i > begin + 1; --i) {
    if (text[i - 1] != ' ' && text[i - 1] != '\t' && text[i - 1] != '\r' && text[i - 1] != '\n') {
      break;
    }
    line_ends += text[i - 1] == '\n' ? 1 : 0;
  }
  return line_ends > 1;
}

std::string join_surrogates(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    return std::string(text);
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = escaped_unit(text, i);
    const auto low = escaped_unit(text, i + 6);
    if (high && low && (*high & 0xFC00U) == 0xD800U && (*low & 0xFC00U) == 0xDC00U) {
      const unsigned letter = 0x10000U + ((*high & 0x3FFU) << 10U) + (*low & 0x3FFU);
      out += "\\U";
      for (unsigned shift = 32; shift > 0; shift -= 4) {
        out += kHex[(letter >> (shift - 4)) & 15U];
      }
      i += 11;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      out += text.substr(i, 2);  // "\\\\ud83d" is no escape of a letter
      i += 1;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace marvel::deploy
