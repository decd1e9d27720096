#include "regex/dfa_groups.hpp"

#include "regex/judge.hpp"
#include "regex/pattern.hpp"
#include "regex/seeds.hpp"
#include "regex/walk.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

Program program_of(const std::vector<std::string>& patterns) {
  std::vector<Tree> trees;
  for (const auto& pattern : patterns) {
    trees.push_back(*parse(pattern, {}));
  }
  return make_program(trees);
}

// Every pattern has one place.
void check_places(const DfaGroups& groups, std::size_t patterns) {
  std::vector<std::uint32_t> all = groups.left;
  for (const DfaGroup& group : groups.groups) {
    CHECK(std::is_sorted(group.patterns.begin(), group.patterns.end()));
    all.insert(all.end(), group.patterns.begin(), group.patterns.end());
  }
  std::sort(all.begin(), all.end());
  REQUIRE(all.size() == patterns);
  for (std::uint32_t i = 0; i < patterns; ++i) {
    CHECK(all[i] == i);
  }
}

}  // namespace

TEST_CASE("a small set is one automaton") {
  const auto groups = make_dfa_groups(program_of({"siren", "cheer(ing)?", "^$", "\\bdog\\b"}), {});
  REQUIRE(groups.groups.size() == 1);
  check_places(groups, 4);
  CHECK(test::marked_lines(groups.groups[0].dfa, "a dog\ndogs\n\nSiren\ncheer\n") ==
        std::vector<std::size_t>{0, 2, 4});
}

TEST_CASE("patterns whose union explodes go to several automata") {
  const std::vector<std::string> patterns{"a.{7}b", "c.{7}d", "e.{7}f", "plain"};
  DfaLimits limits;
  limits.states_on_the_way = 2'000;
  const auto groups = make_dfa_groups(program_of(patterns), limits);
  CHECK(groups.groups.size() > 1);
  CHECK(groups.left.empty());
  check_places(groups, patterns.size());
}

TEST_CASE("what fits nowhere is left") {
  const std::vector<std::string> patterns{"a.{30}b$", "plain"};
  const auto groups = make_dfa_groups(program_of(patterns), {});
  CHECK(groups.left == std::vector<std::uint32_t>{0});
  REQUIRE(groups.groups.size() == 1);
  check_places(groups, 2);

  DfaLimits none;
  none.work = 0;
  CHECK(make_dfa_groups(program_of(patterns), none).left.size() == 2);

  DfaLimits one;
  one.groups = 1;
  one.table_bytes = 256;
  const auto tight = make_dfa_groups(program_of({"abc", "bca", "cab"}), one);
  CHECK(tight.groups.size() == 1);
  check_places(tight, 3);
}

TEST_CASE("groups of random patterns mark together what RE2 marks") {
  for (std::uint64_t seed = 0; seed < test::seeds(200); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(12, seed));
    std::vector<std::string> patterns;
    while (patterns.size() < 6) {
      std::string pattern = test::random_pattern(rng) + "b" + test::random_pattern(rng);
      if (test::re2_accepts(pattern) && parse(pattern, {})) {
        patterns.push_back(std::move(pattern));
      }
    }
    const std::string text = test::random_text(rng, 60);
    DfaLimits limits;
    limits.table_bytes = 2'048;
    limits.groups = 100;
    const auto groups = make_dfa_groups(program_of(patterns), limits);
    check_places(groups, patterns.size());
    const auto his = test::re2_which(patterns, test::lines_of(text));
    for (const DfaGroup& group : groups.groups) {
      std::vector<std::size_t> expected;
      for (std::size_t line = 0; line < his.size(); ++line) {
        if (std::any_of(group.patterns.begin(), group.patterns.end(), [&](std::uint32_t pattern) {
              return std::binary_search(his[line].begin(), his[line].end(), pattern);
            })) {
          expected.push_back(line);
        }
      }
      REQUIRE(test::marked_lines(group.dfa, text) == expected);
    }
  }
}

}  // namespace marvel::regex
