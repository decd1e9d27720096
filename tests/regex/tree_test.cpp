#include "regex/line_matcher.hpp"
#include "regex/syntax.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {

TEST_CASE("whole lines and whole words") {
  const auto wrapped = [](Tree (*wrap)(Tree), const std::string& pattern, std::string_view line) {
    const Tree tree = wrap(*parse(pattern, {}));
    return !LineMatcher(make_program({&tree, 1})).which(line).empty();
  };
  CHECK(wrapped(whole_line, "a|ab", "ab"));
  CHECK_FALSE(wrapped(whole_line, "a|ab", "abc"));
  CHECK(wrapped(whole_word, "car", "a car!"));
  CHECK_FALSE(wrapped(whole_word, "car", "cars"));
  // grep's rule, which "\b" on both sides is not: the match itself may end in no word byte.
  CHECK(wrapped(whole_word, "car!", "a car! b"));
  CHECK(wrapped(whole_word, "@", "@"));
}

TEST_CASE("positions are those with the counts written out, and stop just beyond the limit") {
  CHECK(positions(*parse("a(b|cd){3}", {})) == 10);
  CHECK(positions(*parse("^a*$", {})) == 3);
  Tree tree = *parse("a", {});
  for (int doubled = 0; doubled < 40; ++doubled) {
    Node node;
    node.kind = NodeKind::kConcat;
    node.children = {tree.root(), tree.root()};
    tree.add(std::move(node));
  }
  CHECK(positions(tree) == kMaxExpanded + 1);
  REQUIRE(too_large(tree).has_value());
  CHECK(too_large(tree)->reason.starts_with("pattern too large"));
  CHECK_FALSE(too_large(*parse("(x{64}){64}", {})).has_value());
}

}  // namespace marvel::regex
