#include "regex/host_finder.hpp"

#include "regex/judge.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

constexpr std::size_t kRoomy = std::size_t{8} << 20;

}  // namespace

TEST_CASE("whichever engine wins, nothing is lost") {
  const auto tree = parse("seldom|often", {});
  const PatternSet set = make_set({}, {&*tree, 1});
  REQUIRE(set.parts[0].filter.has_value());
  HostFinder finder(set, kRoomy);
  std::vector<std::uint32_t> ends;
  for (int block = 0; block < 100; ++block) {
    finder.find(block % 3 == 0 ? "seldom\nno\n" : "often\noften\nOften\n", ends);
    REQUIRE(ends.size() == (block % 3 == 0 ? 1 : 2));
  }
}

TEST_CASE("a large set is parted when some patterns have no text to look for") {
  std::vector<Tree> trees;
  std::vector<std::string> patterns;
  for (int i = 0; i < 100; ++i) {
    patterns.push_back(i % 10 == 0 ? "[0-9]{" + std::to_string(3 + i) + "}"
                                   : "rule" + std::to_string(i) + "x+");
  }
  for (const auto& pattern : patterns) {
    trees.push_back(*parse(pattern, {}));
  }
  const PatternSet set = make_set({}, trees);
  REQUIRE(set.parts.size() == 2);
  CHECK(set.parts[0].patterns.size() == 90);
  CHECK(set.parts[0].filter.has_value());
  CHECK(set.parts[1].patterns == std::vector<std::uint32_t>{0, 10, 20, 30, 40, 50, 60, 70, 80, 90});
  CHECK_FALSE(set.parts[1].filter.has_value());

  const std::string text =
      "rule7x\nrule70x 123\nnothing\n1234567890123\n" + std::string(12, '1') + "rule99xx\n";
  std::vector<std::uint32_t> ends;
  HostFinder(set, kRoomy).find(text, ends);
  std::vector<std::uint32_t> plain;
  LineFinder(*set.program, kRoomy).find(text, plain);
  CHECK(ends == plain);
  CHECK(ends.size() == 4);
}

TEST_CASE("offsets of two engines are merged") {
  std::vector<std::uint32_t> ends{1, 5, 9};
  merge_ends(ends, {});
  CHECK(ends == std::vector<std::uint32_t>{1, 5, 9});
  merge_ends(ends, {0, 5, 7, 11});
  CHECK(ends == std::vector<std::uint32_t>{0, 1, 5, 7, 9, 11});
}

}  // namespace marvel::regex
