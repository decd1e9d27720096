#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace marvel {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class Number>
Result<Number> parse_number(std::string_view text, std::string_view kind) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return fail(Errc::kInput, "'" + std::string(text) + "' is out of range");
  }
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Errc::kInput, "'" + std::string(text) + "' is not a " + std::string(kind));
  }
  return value;
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.emplace_back(text);
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) {
    text += &part == &parts.front() ? "" : separator;
    text += part;
  }
  return text;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

Result<std::int64_t> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(text, "whole number");
}

Result<std::uint64_t> parse_unsigned(std::string_view text) {
  return parse_number<std::uint64_t>(text, "whole number of at least 0");
}

Result<double> parse_real(std::string_view text) {
  auto value = parse_number<double>(text, "number");
  if (value && !std::isfinite(*value)) {
    return fail(Errc::kInput, "'" + std::string(text) + "' is not a finite number");
  }
  return value;
}

Result<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue{"TRUE", "YES", "ON", "1"};
  constexpr std::array<std::string_view, 4> kFalse{"FALSE", "NO", "OFF", "0"};
  const std::string word = to_upper(text);
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) {
    return true;
  }
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) {
    return false;
  }
  return fail(Errc::kInput, "'" + std::string(text) + "' is neither true nor false");
}

std::vector<std::string> wrap(std::string_view prose, std::size_t width) {
  std::vector<std::string> lines;
  for (const auto& word : split(prose, ' ')) {
    if (!lines.empty() && lines.back().size() + 1 + word.size() <= width) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

}  // namespace marvel
