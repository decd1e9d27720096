#include "regex/line_matcher.hpp"

#include "regex/judge.hpp"
#include "regex/seeds.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

std::string text_of(const std::optional<Span>& span) {
  return span ? std::to_string(span->begin) + "," + std::to_string(span->end) : "none";
}

}  // namespace

TEST_CASE("a span is the leftmost match, and of those the longest") {
  const std::vector<Tree> trees{*parse("ab|abcd", {}), *parse("b+", {}), *parse("x*", {})};
  const Program program = make_program(trees);
  LineMatcher matcher(program);
  CHECK(text_of(matcher.next_span("zabcd", 0, {0})) == "1,5");
  CHECK(text_of(matcher.next_span("abbb", 0, {1})) == "1,4");
  CHECK(text_of(matcher.next_span("abbb", 0, {0, 1})) == "0,2");
  CHECK(text_of(matcher.next_span("zz", 1, {2})) == "1,1");
  CHECK(text_of(matcher.next_span("zz", 0, {0, 1})) == "none");
}

TEST_CASE("what stands before the begin still counts as a neighbour") {
  const std::vector<Tree> trees{*parse("\\bcar", {}), *parse("^r", {})};
  const Program program = make_program(trees);
  LineMatcher matcher(program);
  CHECK(text_of(matcher.next_span("scar", 1, {0})) == "none");
  CHECK(text_of(matcher.next_span("scar", 3, {1})) == "none");
}

TEST_CASE("a stop ends the work on a line early") {
  const std::vector<Tree> trees{*parse("b", {})};
  const Program program = make_program(trees);
  StopFlag stop;
  LineMatcher matcher(program, &stop);
  const std::string line = std::string(10'000, 'a') + "b";
  CHECK(matcher.which(line).size() == 1);
  CHECK(text_of(matcher.next_span(line, 0, {0})) == "10000,10001");
  stop.raise(2);
  CHECK(matcher.which(line).empty());
  CHECK(text_of(matcher.next_span(line, 0, {0})) == "none");
}

TEST_CASE("spans on random patterns are RE2's longest ones") {
  for (std::uint64_t seed = 0; seed < test::seeds(10'000); ++seed) {
    CounterRng rng(stream_key(5, seed));
    const std::string pattern = test::random_pattern(rng);
    const auto tree = parse(pattern, {});
    if (!tree) {
      continue;
    }
    const Program program = make_program({&*tree, 1});
    LineMatcher matcher(program);
    for (const auto& line : test::lines_of(test::random_text(rng, 4))) {
      CAPTURE(seed);
      CAPTURE(pattern);
      CAPTURE(line);
      REQUIRE(text_of(matcher.next_span(line, 0, {0})) == test::re2_span(pattern, line, 0));
    }
  }
}

}  // namespace marvel::regex
