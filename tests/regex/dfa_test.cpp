#include "regex/dfa.hpp"

#include "regex/judge.hpp"
#include "regex/pattern.hpp"
#include "regex/seeds.hpp"
#include "regex/walk.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

constexpr std::size_t kMany = 100'000;

Dfa dfa_of(const std::string& pattern) {
  const auto tree = parse(pattern, {});
  return *make_dfa(make_program({&*tree, 1}), kMany);
}

// The lines that RE2 marks for any of the patterns; nothing when it refuses one.
std::optional<std::vector<std::size_t>> his_lines(const std::vector<std::string>& patterns,
                                                  const std::string& text) {
  if (!std::all_of(patterns.begin(), patterns.end(), [](const std::string& pattern) {
        return test::re2_accepts(pattern) && parse(pattern, {}).has_value();
      })) {
    return std::nullopt;
  }
  std::vector<std::size_t> lines;
  const auto his = test::re2_which(patterns, test::lines_of(text));
  for (std::size_t i = 0; i < his.size(); ++i) {
    if (!his[i].empty()) {
      lines.push_back(i);
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("complete automata mark the lines that RE2 marks, alone and united") {
  for (std::uint64_t seed = 0; seed < test::seeds(4'000); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(11, seed));
    const std::string a = test::random_pattern(rng);
    const std::string b = test::random_pattern(rng);
    const std::string text = test::random_text(rng, 30);
    const auto lines_a = his_lines({a}, text);
    const auto lines_b = his_lines({b}, text);
    if (!lines_a || !lines_b) {
      continue;
    }
    CAPTURE(a);
    CAPTURE(b);
    const Dfa dfa_a = dfa_of(a);
    const Dfa dfa_b = dfa_of(b);
    REQUIRE(test::marked_lines(dfa_a, text) == *lines_a);
    REQUIRE(test::marked_lines(dfa_b, text) == *lines_b);
    REQUIRE(test::marked_lines(*unite(dfa_a, dfa_b, kMany), text) == *his_lines({a, b}, text));
  }
}

TEST_CASE("automata are as small as they can be") {
  // Start and hit: the line matches anyway.
  CHECK(dfa_of("").states() == 2);
  // What was read of "abc", three ways; the start is one of them.
  CHECK(dfa_of("abc").states() == 5);
  CHECK(dfa_of("(?:abc|abc)+").states() == 5);
  CHECK(dfa_of("(?:a|b)c|[ab]c").states() == dfa_of("[ab]c").states());
  // a, b, c, the line end, others; a power of two.
  CHECK(dfa_of("abc").stride == 8);
  CHECK(dfa_of("[a-m]|[n-z]").stride == 4);
  const Dfa one = dfa_of("x+y");
  CHECK(unite(one, one, kMany)->next == one.next);
}

TEST_CASE("what grows too large is given up") {
  const auto tree = parse("a.{12}b$", {});
  const Program program = make_program({&*tree, 1});
  CHECK_FALSE(make_dfa(program, 1'000).has_value());
  CHECK(make_dfa(program, kMany)->states() > 4'096);
  CHECK_FALSE(unite(dfa_of("a.{8}x"), dfa_of("b.{8}y"), 1'000).has_value());
}

}  // namespace marvel::regex
