#include "deploy/scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// yes, Yes and YES, but not yEs.
bool is_word(std::string_view text, std::string_view lower) {
  std::string title(lower);
  std::string upper(lower);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return text == lower || text == title || text == upper;
}

bool is_true(std::string_view text) {
  return is_word(text, "yes") || is_word(text, "true") || is_word(text, "on");
}
bool is_false(std::string_view text) {
  return is_word(text, "no") || is_word(text, "false") || is_word(text, "off");
}

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
}

template <class Allowed>
bool all(std::string_view text, Allowed allowed) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_binary(char c) {
  return c == '0' || c == '1' || c == '_';
}
bool is_octal(char c) {
  return (c >= '0' && c <= '7') || c == '_';
}
bool is_decimal(char c) {
  return is_digit(c) || c == '_';
}
bool is_hex(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// [1-9][0-9_]*(:[0-5]?[0-9])+, or with `first_zero` [0-9][0-9_]*...
bool is_sexagesimal(std::string_view text, bool first_zero) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !all(text.substr(0, colon), is_decimal) ||
      !is_digit(text[0]) || (text[0] == '0' && !first_zero)) {
    return false;
  }
  std::string_view rest = text.substr(colon);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find(':'));
    const bool good = (part.size() == 1 && is_digit(part[0])) ||
                      (part.size() == 2 && part[0] >= '0' && part[0] <= '5' && is_digit(part[1]));
    if (!good) {
      return false;
    }
    rest.remove_prefix(part.size());
  }
  return true;
}

enum class IntegerForm { kNone, kBinary, kOctal, kDecimal, kHex, kSexagesimal };

IntegerForm integer_form(std::string_view signed_text) {
  const std::string_view text = without_sign(signed_text);
  if (text.starts_with("0b") && all(text.substr(2), is_binary)) {
    return IntegerForm::kBinary;
  }
  if (text.starts_with("0x") && all(text.substr(2), is_hex)) {
    return IntegerForm::kHex;
  }
  if (text.size() > 1 && text[0] == '0' && all(text.substr(1), is_octal)) {
    return IntegerForm::kOctal;
  }
  if (text == "0" || (!text.empty() && text[0] != '_' && text[0] != '0' && all(text, is_decimal))) {
    return IntegerForm::kDecimal;
  }
  return is_sexagesimal(text, false) ? IntegerForm::kSexagesimal : IntegerForm::kNone;
}

// ([eE][-+][0-9]+)?
bool is_exponent(std::string_view text) {
  return text.empty() || (text.size() > 2 && (text[0] == 'e' || text[0] == 'E') &&
                          (text[1] == '-' || text[1] == '+') && all(text.substr(2), is_digit));
}

bool is_real(std::string_view signed_text) {
  const std::string_view text = without_sign(signed_text);
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) {
    return false;
  }
  const std::string_view whole = text.substr(0, dot);
  const std::string_view rest = text.substr(dot + 1);
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_decimal) - rest.begin();
  const std::string_view fraction = rest.substr(0, static_cast<std::size_t>(end));
  const std::string_view exponent = rest.substr(static_cast<std::size_t>(end));
  if (whole.empty()) {  // without a sign
    return text == signed_text && !fraction.empty() && fraction[0] != '_' && is_exponent(exponent);
  }
  if (is_digit(whole[0]) && all(whole, is_decimal)) {
    return is_exponent(exponent);
  }
  return is_sexagesimal(whole, true) && exponent.empty();
}

std::string without_underscores(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  return digits;
}

std::optional<std::int64_t> to_integer(std::string_view digits, int base) {
  std::int64_t value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [rest, error] = std::from_chars(begin, end, value, base);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

// 12:30:45.5 is (12 * 60 + 30) * 60 + 45.5.
double sexagesimal(std::string_view text) {
  double value = 0;
  while (true) {
    const auto colon = text.find(':');
    value = value * 60 + std::strtod(std::string(text.substr(0, colon)).c_str(), nullptr);
    if (colon == std::string_view::npos) {
      return value;
    }
    text.remove_prefix(colon + 1);
  }
}

nlohmann::json from_real(double value, std::string_view text) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(std::string(text));
}

nlohmann::json integer_value(std::string_view text) {
  const bool negative = text[0] == '-';
  const std::string digits = without_underscores(without_sign(text));
  const auto form = integer_form(text);
  if (form == IntegerForm::kSexagesimal) {
    const double value = sexagesimal(digits) * (negative ? -1 : 1);
    constexpr double kExact = 9007199254740992.0;  // 2^53
    return std::abs(value) < kExact ? nlohmann::json(static_cast<std::int64_t>(value))
                                    : from_real(value, text);
  }
  const bool prefixed = form == IntegerForm::kBinary || form == IntegerForm::kHex;
  const int base = form == IntegerForm::kBinary  ? 2
                   : form == IntegerForm::kHex   ? 16
                   : form == IntegerForm::kOctal ? 8
                                                 : 10;
  const std::string number = (negative ? "-" : "") + digits.substr(prefixed ? 2 : 0);
  if (const auto value = to_integer(number, base)) {
    return *value;
  }
  if (form != IntegerForm::kDecimal) {
    return std::string(text);
  }
  return from_real(std::strtod(number.c_str(), nullptr), text);
}

nlohmann::json real_value(std::string_view text) {
  const std::string digits = without_underscores(without_sign(text));
  const double sign = text[0] == '-' ? -1 : 1;
  const bool minutes = digits.find(':') != std::string::npos;
  return from_real(sign * (minutes ? sexagesimal(digits) : std::strtod(digits.c_str(), nullptr)),
                   text);
}

}  // namespace

ScalarType plain_type(std::string_view text) {
  if (text.empty() || text == "~" || is_word(text, "null")) {
    return ScalarType::kNull;
  }
  if (is_true(text) || is_false(text)) {
    return ScalarType::kBoolean;
  }
  // "0b_" matches PyYAML's pattern and has no value: it makes PyYAML fail, and is text here.
  const bool digits = std::any_of(text.begin(), text.end(), is_hex) &&
                      without_underscores(without_sign(text)) != "0b" &&
                      without_underscores(without_sign(text)) != "0x";
  if (digits && integer_form(text) != IntegerForm::kNone) {
    return ScalarType::kInteger;
  }
  return is_real(text) ? ScalarType::kReal : ScalarType::kText;
}

nlohmann::json plain_value(std::string_view text) {
  switch (plain_type(text)) {
    case ScalarType::kNull:
      return nullptr;
    case ScalarType::kBoolean:
      return is_true(text);
    case ScalarType::kInteger:
      return integer_value(text);
    case ScalarType::kReal:
      return real_value(text);
    case ScalarType::kText:
      break;
  }
  return std::string(text);
}

namespace {

// Numbers of YAML 1.2 and of Go's reader that YAML 1.1 takes for text: 1e3, 0o17, .5e3, +.inf.
bool is_number_elsewhere(std::string_view signed_text) {
  const std::string_view text = without_sign(signed_text);
  if (one_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) {
    return true;
  }
  if (text.starts_with("0o") && all(text.substr(2), is_octal)) {
    return true;
  }
  const std::string digits = without_underscores(text);
  if (digits.empty() || (!is_digit(digits[0]) && digits[0] != '.')) {
    return false;
  }
  double value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value);
  return rest == end && error != std::errc::invalid_argument;
}

bool is_date(std::string_view text) {
  return text.size() >= 8 && all(text.substr(0, 4), is_digit) && text[4] == '-';
}

bool is_single_letter_boolean(std::string_view text) {
  return one_of(text, {"y", "Y", "n", "N"});
}

}  // namespace

bool needs_quotes(std::string_view text) {
  if (text.empty() || plain_type(text) != ScalarType::kText || is_number_elsewhere(text) ||
      is_date(text) || is_single_letter_boolean(text) || text == "<<" || text == "=") {
    return true;
  }
  constexpr std::string_view kIndicators = "-?:,[]{}#&*!|>'\"%@`= \t~";
  if (kIndicators.find(text.front()) != std::string_view::npos || text.back() == ' ' ||
      text.back() == '\t' || text.back() == ':') {
    return true;
  }
  const auto unsafe = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F;
  };
  return text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos ||
         text.find_first_of(",[]{}") != std::string_view::npos ||
         std::any_of(text.begin(), text.end(), unsafe);
}

bool ambiguous(std::string_view text) {
  const ScalarType type = plain_type(text);
  if (type == ScalarType::kText) {
    return is_number_elsewhere(text) || is_single_letter_boolean(text);
  }
  if (type == ScalarType::kBoolean) {
    return !is_word(text, "true") && !is_word(text, "false");
  }
  const auto form = integer_form(text);
  return form == IntegerForm::kOctal || form == IntegerForm::kSexagesimal ||
         form == IntegerForm::kBinary || text.find(':') != std::string_view::npos ||
         text.find('_') != std::string_view::npos;
}

nlohmann::json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return nullptr;
    case Node::Kind::kScalar:
      return node.style == Node::Style::kPlain ? plain_value(node.text) : nlohmann::json(node.text);
    case Node::Kind::kList: {
      auto list = nlohmann::json::array();
      for (const Node& item : node.items) {
        list.push_back(to_json(item));
      }
      return list;
    }
    case Node::Kind::kMap:
      break;
  }
  auto map = nlohmann::json::object();
  for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
    map[node.items[i].text] = to_json(node.items[i + 1]);
  }
  return map;
}

}  // namespace marvel::deploy
