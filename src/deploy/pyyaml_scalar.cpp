#include "deploy/pyyaml_scalar.hpp"

#include "deploy/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

bool digits_at(std::string_view text, std::size_t at, std::size_t count) {
  return at + count <= text.size() &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool is_date(std::string_view text) {
  return text.size() == 10 && digits_at(text, 0, 4) && text[4] == '-' && digits_at(text, 5, 2) &&
         text[7] == '-' && digits_at(text, 8, 2);
}

// ".inf" and its like, as PyYAML writes them; empty for others.
std::string infinity(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool sign = negative || text.starts_with('+');
  const std::string_view word = text.substr(sign ? 1 : 0);
  if (word == ".inf" || word == ".Inf" || word == ".INF") {
    return negative ? "-.inf" : ".inf";
  }
  return !sign && (word == ".nan" || word == ".NaN" || word == ".NAN") ? ".nan" : "";
}

// Python's repr of a float, with YAML's point: 1e+20 is 1.0e+20.
std::string real_text(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific);
  std::string text(buffer.data(), end.ptr);
  const auto e = text.find('e');
  const int exponent = std::stoi(text.substr(e + 1));
  if (exponent < -4 || exponent >= 16) {
    return text.find('.') == std::string::npos ? text.replace(e, 0, ".0") : text;
  }
  const std::string sign = text[0] == '-' ? "-" : "";
  std::string digits = text.substr(sign.size(), e - sign.size());
  std::erase(digits, '.');
  const auto point = exponent + 1;
  if (point <= 0) {
    return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(point);
  digits.resize(std::max(digits.size(), whole + 1), '0');
  return sign + digits.insert(whole, ".");
}

// Whole numbers have no limit in Python.
std::string integer_text(std::string_view text) {
  const nlohmann::json value = plain_value(text);
  if (value.is_number_integer()) {
    return value.dump();
  }
  std::string digits(text);
  std::erase(digits, '_');
  return digits.starts_with('+') ? digits.substr(1) : digits;
}

bool is_break(char32_t c) {
  return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool is_space_or_end(char32_t c) {
  return c == 0 || c == ' ' || c == '\t' || c == '\r' || is_break(c);
}
bool is_ascii(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E);
}

// Whether a letter at `i` means something to YAML there.
bool is_indicator(const std::u32string& text, std::size_t i) {
  const char32_t c = text[i];
  const bool ends = i + 1 >= text.size() || is_space_or_end(text[i + 1]);
  if (i == 0) {
    constexpr std::u32string_view kFirst = U"#,[]{}&*!|>'\"%@`";
    return kFirst.find(c) != std::u32string_view::npos ||
           ((c == '?' || c == ':' || c == '-') && ends);
  }
  return (c == ':' && ends) || (c == '#' && is_space_or_end(text[i - 1]));
}

}  // namespace

bool is_time(std::string_view text) {
  if (is_date(text) || !digits_at(text, 0, 4) || text.size() < 8 || text[4] != '-') {
    return false;
  }
  const auto colon = text.find(':');
  const auto behind = text.find_first_of("Tt \t");
  return colon != std::string_view::npos && behind != std::string_view::npos && behind < colon &&
         text.substr(0, behind).find_first_not_of("0123456789-") == std::string_view::npos &&
         colon > 0 && digits_at(text, colon - 1, 1) && digits_at(text, colon + 1, 2);
}

bool reads_as_text(std::string_view text) {
  const std::string_view number =
      text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
  const bool empty_number = (number.starts_with("0b") || number.starts_with("0x")) &&
                            number.size() > 2 &&
                            number.find_first_not_of('_', 2) == std::string_view::npos;
  return plain_type(text) == ScalarType::kText && infinity(text).empty() && !is_date(text) &&
         !is_time(text) && text != "<<" && text != "=" && !empty_number;
}

std::optional<std::string> typed_text(const Node& node) {
  if (node.kind == Node::Kind::kNull) {
    return "null";
  }
  if (node.style == Node::Style::kText) {
    return std::nullopt;
  }
  std::string special = is_date(node.text) ? node.text : infinity(node.text);
  if (!special.empty()) {
    return special;
  }
  switch (plain_type(node.text)) {
    case ScalarType::kNull:
      return "null";
    case ScalarType::kBoolean:
      return plain_value(node.text).get<bool>() ? "true" : "false";
    case ScalarType::kInteger:
      return integer_text(node.text);
    case ScalarType::kReal: {
      const nlohmann::json value = plain_value(node.text);
      return value.is_number()            ? real_text(value.get<double>())
             : node.text.starts_with('-') ? "-.inf"
                                          : ".inf";
    }
    case ScalarType::kText:
      break;
  }
  return std::nullopt;
}

std::u32string decode(std::string_view text) {
  std::u32string letters;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t letter = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k) {
      letter = (letter << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    letters += letter;
    i += size;
  }
  return letters;
}

Allowed analyse(const std::u32string& text) {
  Allowed allowed;
  if (text.empty()) {
    return allowed;
  }
  bool special = false;
  bool indicators = text.starts_with(U"---") || text.starts_with(U"...");
  bool break_space = false;
  bool space_break = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    indicators = indicators || is_indicator(text, i);
    allowed.several_lines = allowed.several_lines || is_break(text[i]);
    special = special || !is_ascii(text[i]);
    break_space = break_space || (i > 0 && text[i] == ' ' && is_break(text[i - 1]));
    space_break = space_break || (i > 0 && is_break(text[i]) && text[i - 1] == ' ');
  }
  const auto edge = [](char32_t c) { return c == ' ' || is_break(c); };
  const bool edges = edge(text.front()) || edge(text.back());
  allowed.single_quotes = !break_space && !space_break && !special;
  allowed.plain = allowed.single_quotes && !edges && !allowed.several_lines && !indicators;
  return allowed;
}

}  // namespace marvel::deploy
