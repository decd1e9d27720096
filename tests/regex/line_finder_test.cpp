#include "regex/line_finder.hpp"

#include "regex/host_finder.hpp"
#include "regex/judge.hpp"
#include "regex/line_matcher.hpp"
#include "regex/pattern.hpp"
#include "regex/seeds.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

constexpr std::size_t kRoomy = std::size_t{8} << 20;
constexpr std::size_t kTight = 200;  // bytes: states are dropped all the time

struct Found {
  std::vector<std::size_t> finder;                  // numbers of the lines that LineFinder marks
  std::vector<std::vector<std::uint32_t>> matcher;  // per line, LineMatcher's patterns
};

Found find(const PatternSet& set, const std::string& text, std::size_t memory, bool filtered) {
  const Program& program = *set.program;
  std::vector<std::uint32_t> ends;
  if (filtered) {
    HostFinder(set, memory).find(text, ends);
  } else {
    LineFinder(program, memory).find(text, ends);
  }
  Found found;
  LineMatcher matcher(program);
  std::size_t begin = 0;
  std::size_t number = 0;
  auto next = ends.begin();
  for (const auto& line : test::lines_of(text)) {
    if (next != ends.end() && *next == begin + line.size()) {
      found.finder.push_back(number);
      ++next;
    }
    found.matcher.push_back(matcher.which(line));
    begin += line.size() + 1;
    ++number;
  }
  CHECK(next == ends.end());  // every mark is on a line end
  return found;
}

// The patterns that both sides know, as trees.
std::vector<Tree> trees_of(std::vector<std::string>& patterns) {
  std::vector<Tree> trees;
  std::erase_if(patterns, [&](const std::string& pattern) {
    auto tree = parse(pattern, {});
    if (!tree || !test::re2_accepts(pattern)) {
      return true;
    }
    trees.push_back(std::move(*tree));
    return false;
  });
  return trees;
}

// Compares with RE2, with room for all states and with hardly any.
void judge(std::vector<std::string> patterns, const std::string& text) {
  const auto trees = trees_of(patterns);
  const auto his = test::re2_which(patterns, test::lines_of(text));
  if (trees.empty() || his.empty()) {
    return;
  }
  std::vector<std::size_t> marked;
  for (std::size_t i = 0; i < his.size(); ++i) {
    if (!his[i].empty()) {
      marked.push_back(i);
    }
  }
  const PatternSet set = make_set({}, trees);
  for (const std::size_t memory : {kRoomy, kTight}) {
    for (const bool filtered : {false, true}) {
      const Found found = find(set, text, memory, filtered);
      CAPTURE(patterns);
      CAPTURE(memory);
      CAPTURE(filtered);
      REQUIRE(found.finder == marked);
      REQUIRE(found.matcher == his);
    }
  }
}

}  // namespace

TEST_CASE("random sets of patterns mark the lines that RE2 marks, with the same patterns") {
  for (std::uint64_t seed = 0; seed < test::seeds(6'000); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(2, seed));
    std::vector<std::string> patterns;
    for (std::uint32_t count = 1 + rng.below(4); count > 0; --count) {
      patterns.push_back(test::random_pattern(rng));
    }
    // Some texts are long enough for four streams.
    judge(patterns, test::random_text(rng, seed % 50 == 0 ? 2'000 : 12));
  }
}

TEST_CASE("sets that require text mark the lines that RE2 marks") {
  for (std::uint64_t seed = 0; seed < test::seeds(3'000); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(7, seed));
    std::vector<std::string> patterns;
    for (std::uint32_t count = 1 + rng.below(3); count > 0; --count) {
      std::string word;
      for (std::uint32_t length = 3 + rng.below(3); length > 0; --length) {
        word += "abcxA"[rng.below(5)];
      }
      patterns.push_back(rng.below(2) == 0 ? word : test::random_pattern(rng) + word);
    }
    judge(patterns, test::random_text(rng, 300));
  }
}

TEST_CASE("large sets mark the lines that RE2 marks") {
  for (std::uint64_t seed = 0; seed < test::seeds(20); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(3, seed));
    std::vector<std::string> patterns;
    for (int i = 0; i < 200; ++i) {
      patterns.push_back(test::random_pattern(rng) + "c" + test::random_pattern(rng) + "x");
    }
    judge(patterns, test::random_text(rng, 200));
  }
}

// As RE2's own exhaustive test does: all patterns of up to five pieces, all texts of up to four
// letters.
TEST_CASE("all short patterns agree with RE2 on all short lines") {
  std::string text = "\n";
  for (int length = 1; length <= 4; ++length) {
    for (int code = 0; code < 1 << length; ++code) {
      for (int i = 0; i < length; ++i) {
        text += (code >> i & 1) != 0 ? 'b' : 'a';
      }
      text += '\n';
    }
  }
  const std::vector<std::string> pieces{"a", "b", ".", "^", "$", "|", "*", "(?:", ")"};
  std::size_t total = 1;
  for (int length = 1; length <= 5; ++length) {
    total *= pieces.size();
    for (std::size_t code = 0; code < total; ++code) {
      std::string pattern;
      std::size_t rest = code;
      for (int i = 0; i < length; ++i, rest /= pieces.size()) {
        pattern += pieces[rest % pieces.size()];
      }
      // One in seven of the longest: the rest differs in nothing new and takes a minute.
      if (length < 5 || code % 7 == 0) {
        judge({pattern}, text);
      }
    }
  }
}

TEST_CASE("lines of any length are found, wherever the streams are cut") {
  const auto tree = parse("ab+c$", {});
  const PatternSet set = make_set({}, {&*tree, 1});
  for (const std::size_t length : {4'090, 4'096, 10'000, 1'100'000}) {
    const std::string filler(length, 'a');
    const std::string text =
        "abc\n" + filler + "bbc\n" + filler + "\n\nabbbc\n" + std::string(length, '\n') + "xabc\n";
    const Found found = find(set, text, kRoomy, true);
    CHECK(found.finder == std::vector<std::size_t>{0, 1, 4, 5 + length});
  }
}

TEST_CASE("nothing is found in nothing") {
  const auto tree = parse("", {});
  const PatternSet set = make_set({}, {&*tree, 1});
  CHECK(find(set, "", kRoomy, true).finder.empty());
  CHECK(find(set, "\n", kRoomy, true).finder.size() == 1);
}

TEST_CASE("memory stays within the limit when states explode") {
  // The classic: the automaton must remember the last 20 bytes, which makes a million states.
  const auto tree = parse("a.{20}b$", {});
  const Program program = make_program({&*tree, 1});
  CounterRng rng(stream_key(4, 0));
  std::string text;
  for (int i = 0; i < 300'000; ++i) {
    text += rng.below(60) == 0 ? '\n' : rng.below(2) == 0 ? 'a' : 'b';
  }
  text += '\n';
  constexpr std::size_t kLimit = std::size_t{256} << 10;
  LineFinder finder(program, kLimit);
  std::vector<std::uint32_t> ends;
  finder.find(text, ends);
  CHECK(finder.dfa().flushes() > 0);
  CHECK(finder.dfa().states() * 8 * sizeof(LazyDfa::State) < kLimit);
  const auto his = test::re2_which({"a.{20}b$"}, test::lines_of(text));
  CHECK(ends.size() == static_cast<std::size_t>(std::count_if(
                           his.begin(), his.end(), [](const auto& ids) { return !ids.empty(); })));
}

}  // namespace marvel::regex
