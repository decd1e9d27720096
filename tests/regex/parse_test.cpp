#include "regex/judge.hpp"
#include "regex/line_matcher.hpp"
#include "regex/syntax.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

using namespace std::string_literals;

bool matches(const Tree& tree, std::string_view line) {
  const Program program = make_program({&tree, 1});
  return !LineMatcher(program).which(line).empty();
}

bool matches(const std::string& pattern, std::string_view line) {
  const auto tree = parse(pattern, {});
  REQUIRE_MESSAGE(tree.has_value(), pattern);
  return matches(*tree, line);
}

struct Verdict {
  std::string pattern;
  std::string line;
  bool match;
};

std::string refusal(const std::string& pattern) {
  const auto tree = parse(pattern, {});
  return tree ? "accepted" : std::to_string(tree.error().offset) + ": " + tree.error().reason;
}

}  // namespace

TEST_CASE("classes, escapes and edges mean what they mean in RE2") {
  const std::vector<Verdict> verdicts{
      {"\\s", "\x0b", false},
      {"[[:space:]]", "\x0b", true},
      {"a$", "a\r", false},
      {"a\\s*$", "a\r", true},
      {"(?i)\xe9", "\xc9", true},
      {"(?i)k", "\xe2\x84\xaa", false},
      {"\\w", "\xe9", false},
      {"a.b", "a\0b"s, true},
      {"a.b",
       "a\xff"
       "b",
       true},
      {"[^x]", "\xff", true},
      {"\\bx", "\xe9x", true},
      {"\\Bx", "\xe9x", false},
      {"^$", "", true},
      {"x*", "", true},
      {"\\z", "", true},
      {"\\B", "", true},
      {"\\b", "", false},
      {"(?s).", "", false},
      {"[^a]", "", false},
      {"a|", "q", true},
      {"()", "q", true},
      {"|a", "q", true},
      {"(^)*a", "ba", true},
      {"(?i:A)b", "ab", true},
      {"(?i:A)b", "aB", false},
      {"(?i)a(?-i)b", "AB", false},
      {"[a\\]]", "]", true},
      {"[]a]", "]", true},
      {"[-a]", "-", true},
      {"[a-]", "-", true},
      {"[^]a]", "b", true},
      {"\\08",
       "\0"
       "8"s,
       true},
      {"{", "{", true},
      {"a{1", "a{1", true},
      {"a{1,", "a{1,", true},
      {"a{,2}", "a{,2}", true},
      {"]", "]", true},
      {"}", "}", true},
      {"\\Qa+b", "a+b", true},
      {"a\\Q\\E+", "aa", true},
      {"[[.a.]]", "a", false},
      {"[[=a=]]", "a", false},
      {"\\\"\\-\\_", "\"-_", true},
      {"\\x{41}\\x41\\101", "AAA", true},
      {"[\\d-z]", "-", true},
  };
  for (const auto& [pattern, line, match] : verdicts) {
    CAPTURE(pattern);
    CAPTURE(line);
    CHECK(matches(pattern, line) == match);
    CHECK(test::re2_which({pattern}, {line}).at(0).size() == (match ? 1 : 0));
  }
}

TEST_CASE("what RE2 refuses is refused, with the offset and its words") {
  const std::vector<std::pair<std::string, std::string>> refusals{
      {"a++", "2: bad repetition operator"},
      {"a**", "2: bad repetition operator"},
      {"a*??", "3: bad repetition operator"},
      {"b(?=a)", "1: invalid perl operator: (?="},
      {"(?<=a)", "0: invalid perl operator: (?<"},
      {"(?>a)", "0: invalid perl operator: (?>"},
      {"(?#x)a", "0: invalid perl operator: (?#"},
      {"(?x)a", "0: invalid perl operator: (?x"},
      {"(?R)", "0: invalid perl operator: (?R"},
      {"(?-)a", "0: invalid perl operator"},
      {"(?P<a", "0: invalid named capture group"},
      {"x\\1", "1: invalid escape sequence: \\1"},
      {"\\8", "0: invalid escape sequence: \\8"},
      {"\\K", "0: invalid escape sequence: \\K"},
      {"\\Z", "0: invalid escape sequence: \\Z"},
      {"\\e", "0: invalid escape sequence: \\e"},
      {"\\E", "0: invalid escape sequence: \\E"},
      {"[a-\\d]", "3: invalid escape sequence: \\d"},
      {"\\x{100}", "0: invalid escape sequence: \\x{100"},
      {"\\xg1", "0: invalid escape sequence: \\x"},
      {"\\777", "0: invalid escape sequence: \\777"},
      {"a{2,1}", "1: invalid repetition size: {2,1}"},
      {"*a", "0: no argument for repetition operator: *"},
      {"a|{1}", "2: no argument for repetition operator: {1}"},
      {"x[a", "1: missing ]: [a"},
      {"[]", "0: missing ]: []"},
      {"[[:alpha:]", "0: missing ]"},
      {"[b-a]", "1: invalid character class range: b-a"},
      {"[[:foo:]]", "1: invalid character class range: [:foo:]"},
      {"(a", "0: missing )"},
      {"a)", "1: unexpected )"},
      {"a\\", "1: trailing \\"},
      {"(?i", "0: missing )"},
  };
  for (const auto& [pattern, words] : refusals) {
    CAPTURE(pattern);
    CHECK(refusal(pattern).substr(0, words.size()) == words);
    CHECK_FALSE(test::re2_accepts(pattern));
  }
}

TEST_CASE("edges of words are written as in grep") {
  CHECK(matches("\\<car", "a car"));
  CHECK_FALSE(matches("\\<car", "scar"));
  CHECK(matches("car\\>", "a car"));
  CHECK_FALSE(matches("car\\>", "cars"));
}

TEST_CASE("counts go up to 4096, also when nested") {
  CHECK(refusal("x{4096}") == "accepted");
  CHECK(refusal("x{4097}").find("invalid repetition size: {4097}") != std::string::npos);
  CHECK(refusal("(x{64}){64}") == "accepted");
  CHECK(refusal("(x{65}){64}").find("more than 4096") != std::string::npos);
  CHECK(refusal("x{99999999999999999999}").find("invalid repetition size") != std::string::npos);
  CHECK(matches("^(ab){1500}$", [] {
    std::string line;
    for (int i = 0; i < 1500; ++i) {
      line += "ab";
    }
    return line;
  }()));
}

TEST_CASE("a pattern that would grow without bound is refused") {
  const std::string wide = "(" + std::string(100, 'a') + "){4096}";
  CHECK(refusal(wide).find("pattern too large") != std::string::npos);
  // At once, without a look at what follows.
  CHECK(refusal(std::string(300'000, 'a') + "(").find("pattern too large") != std::string::npos);
  CHECK(refusal("\\Q" + std::string(300'000, '(')).find("pattern too large") != std::string::npos);
  CHECK(refusal(std::string(300'000, '|') + "(").find("pattern too large") != std::string::npos);
}

TEST_CASE("nesting costs no stack") {
  constexpr std::size_t kDepth = 100'000;
  const std::string deep = std::string(kDepth, '(') + "a" + std::string(kDepth, ')');
  CHECK(matches(deep, "a"));
  CHECK(refusal(std::string(kDepth, '(')) == std::to_string(kDepth - 1) + ": missing )");
}

TEST_CASE("plain text is taken byte by byte") {
  const auto tree = parse("a.b(", {.ignore_case = true, .literal = true});
  REQUIRE(tree.has_value());
  CHECK(matches(*tree, "xA.B("));
  CHECK_FALSE(matches(*tree, "aXb("));
  CHECK(matches(*parse("", {.literal = true}), "anything"));
}

TEST_CASE("verdicts on random patterns are RE2's") {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    CounterRng rng(stream_key(1, seed));
    const std::string pattern = test::random_pattern(rng);
    std::string why;
    const bool his = test::re2_accepts(pattern, &why);
    const auto ours = parse(pattern, {});
    CAPTURE(seed);
    CAPTURE(pattern);
    CAPTURE(why);
    REQUIRE(ours.has_value() == his);
  }
}

}  // namespace marvel::regex
