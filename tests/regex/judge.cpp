#include "regex/judge.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>
#include <re2/set.h>

namespace marvel::test {
namespace {

RE2::Options judge_options() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
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

bool re2_accepts(const std::string& pattern, std::string* why) {
  const RE2 compiled(pattern, judge_options());
  if (why != nullptr) {
    *why = compiled.error();
  }
  return compiled.ok();
}

std::vector<std::vector<std::uint32_t>> re2_which(const std::vector<std::string>& patterns,
                                                  const std::vector<std::string>& lines) {
  RE2::Set set(judge_options(), RE2::UNANCHORED);
  for (const auto& pattern : patterns) {
    set.Add(pattern, nullptr);
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
  const RE2 compiled(pattern, options);
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
