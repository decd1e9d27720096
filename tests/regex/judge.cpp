#include "regex/judge.hpp"

#include "regex/re2_pattern.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>
#include <re2/set.h>

namespace marvel::test {
namespace {

RE2::Options judge_options(Encoding encoding = Encoding::kBytes) {
  RE2::Options options;
  options.set_encoding(encoding == Encoding::kUtf8 ? RE2::Options::EncodingUTF8
                                                   : RE2::Options::EncodingLatin1);
  options.set_never_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{256} << 20);
  return options;
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool re2_accepts(const std::string& pattern, std::string* why, Encoding encoding) {
  const RE2 compiled(pattern, judge_options(encoding));
  if (why != nullptr) {
    *why = compiled.error();
  }
  return compiled.ok();
}

std::vector<std::vector<std::uint32_t>> re2_which(const std::vector<std::string>& patterns,
                                                  const std::vector<std::string>& lines,
                                                  Encoding encoding) {
  RE2::Set set(judge_options(encoding), RE2::UNANCHORED);
  for (const auto& pattern : patterns) {
    set.Add(for_re2(pattern), nullptr);
  }
  if (!set.Compile()) {
    return {};
  }
  std::vector<std::vector<std::uint32_t>> all;
  for (const auto& line : lines) {
    std::vector<int> ids;
    RE2::Set::ErrorInfo error{};
    if (!set.Match(line, &ids, &error) && error.kind != RE2::Set::kNoError) {
      return {};  // out of memory: its "no" means nothing
    }
    all.emplace_back(ids.begin(), ids.end());
    std::sort(all.back().begin(), all.back().end());
  }
  return all;
}

std::string re2_span(const std::string& pattern, std::string_view line, std::size_t from) {
  auto options = judge_options();
  options.set_longest_match(true);
  const RE2 compiled(for_re2(pattern), options);
  const re2::StringPiece text(line.data(), line.size());
  re2::StringPiece match;
  if (!compiled.Match(text, from, line.size(), RE2::UNANCHORED, &match, 1)) {
    return "none";
  }
  const auto begin = match.data() - line.data();
  return std::to_string(begin) + "," + std::to_string(begin + static_cast<long>(match.size()));
}

std::string random_pattern(CounterRng& rng) {
  static const std::array<std::string, 46> kPieces{
      "a",      "b",   "c",    "x",    ".",     "^",     "$",    "|",        "(",           ")",
      "*",      "+",   "?",    "{2}",  "{1,3}", "{0,}",  "[ab]", "[^a]",     "\\b",         "\\B",
      "\\w",    "\\W", "\\d",  "\\s",  "(?i)",  "(?i:A", "(?:",  "\\Qa+\\E", "[[:alpha:]]", "\\x61",
      "*?",     "-",   "_",    " ",    "\\.",   "[a-",   "]",    "\\z",      "\\A",         "\xe9",
      "(?P<n>", "\\C", "\\07", "{,2}", "{3",    "(?s)."};
  std::string pattern;
  const std::uint32_t count = 1 + rng.below(8);
  for (std::uint32_t i = 0; i < count; ++i) {
    pattern += kPieces[rng.below(static_cast<std::uint32_t>(kPieces.size()))];
  }
  return pattern;
}

std::string utf8_of(char32_t code) {
  const auto tail = [code](unsigned shift) {
    return static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    return {static_cast<char>(code)};
  }
  if (code < 0x800) {
    return {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  }
  if (code < 0x10000) {
    return {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  }
  return {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
}

std::vector<std::pair<char32_t, char32_t>> re2_code_points(const std::string& pattern) {
  const RE2 compiled(pattern, judge_options(Encoding::kUtf8));
  std::vector<std::pair<char32_t, char32_t>> ranges;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    if (code == 0xD800) {
      code = 0xE000;
    }
    if (!RE2::FullMatch(utf8_of(code), compiled)) {
      continue;
    }
    if (!ranges.empty() && ranges.back().second + 1 == code) {
      ranges.back().second = code;
    } else {
      ranges.emplace_back(code, code);
    }
  }
  return ranges;
}

std::string random_utf8_pattern(CounterRng& rng) {
  static const std::array<std::string, 34> kPieces{
      "a",          "k",          "S",        "é",     "ß",    "Ω",    "€",       "😀",
      ".",          "[^a]",       "[é-ö]",    "[^é€]", "\\pL", "\\PL", "\\p{Lu}", "\\pN",
      "(?i)",       "(?i:É)",     "\\x{3a9}", "*",     "+",    "?",    "{2}",     "|",
      "(",          ")",          "\\b",      "\\w",   "\\W",  "^",    "$",       "[[:^alpha:]]",
      "\\p{Greek}", "[\\p{^Lu}b]"};
  std::string pattern;
  for (std::uint32_t count = 1 + rng.below(6); count > 0; --count) {
    pattern += kPieces[rng.below(static_cast<std::uint32_t>(kPieces.size()))];
  }
  return pattern;
}

std::string random_utf8_text(CounterRng& rng, std::uint32_t most_lines) {
  static const std::array<std::string, 24> kLetters{
      "a", "A", "k", "K", "\u212a", "s",  "\u017f", "é",    "É",    "ß",    "\u1e9e",
      "Ω", "ω", "1", "٣", "€",      "😀", " ",      "\xff", "\xc3", "\x80", "\xed\xa0\x80",
      "_", "b"};
  std::string text;
  for (std::uint32_t lines = 1 + rng.below(most_lines); lines > 0; --lines) {
    for (std::uint32_t length = rng.below(7); length > 0; --length) {
      text += kLetters[rng.below(static_cast<std::uint32_t>(kLetters.size()))];
    }
    text += '\n';
  }
  return text;
}

std::string random_text(CounterRng& rng, std::uint32_t most_lines) {
  using namespace std::string_view_literals;
  constexpr std::string_view kBytes = "aabbcx_ -.+AB\xe9\xc9\0\r1"sv;
  std::string text;
  const std::uint32_t lines = 1 + rng.below(most_lines);
  for (std::uint32_t i = 0; i < lines; ++i) {
    for (std::uint32_t length = rng.below(9); length > 0; --length) {
      text += kBytes[rng.below(static_cast<std::uint32_t>(kBytes.size()))];
    }
    text += '\n';
  }
  return text;
}

}  // namespace marvel::test
