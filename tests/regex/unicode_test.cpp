#include "regex/unicode.hpp"

#include "regex/host_finder.hpp"
#include "regex/judge.hpp"
#include "regex/line_matcher.hpp"
#include "regex/seeds.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

using Ranges = std::vector<std::pair<char32_t, char32_t>>;

// Without surrogates, which RE2 is not asked about.
Ranges ranges_of(const CodeSet& set) {
  CodeSet usable = set.complement(kLastCodePoint);
  usable.add(0xD800, 0xDFFF);
  Ranges ranges;
  const CodeSet kept = usable.complement(kLastCodePoint);
  for (const auto& range : kept.ranges()) {
    ranges.emplace_back(range.first, range.last);
  }
  return ranges;
}

ParseFlags unicode_flags() {
  ParseFlags flags;
  flags.unicode = true;
  return flags;
}

}  // namespace

// RE2's tables may be of a later version of Unicode, which knows more characters.
TEST_CASE("properties are those of RE2, for all characters that both know") {
  const CodeSet unassigned = *unicode_property("Cn");
  for (const std::string name :
       {"L", "Lu", "Ll", "N", "Nd", "P", "Zs", "Greek", "Han", "Cyrillic"}) {
    CAPTURE(name);
    const auto set = unicode_property(name);
    REQUIRE(set.has_value());
    CodeSet his = unassigned;
    for (const auto& [first, last] : test::re2_code_points("\\p{" + name + "}")) {
      his.add(first, last);
    }
    CodeSet ours = unassigned;
    ours.add(*set);
    CHECK(ranges_of(ours) == ranges_of(his));
  }
  for (const char* const name : {"", "X", "Lx", "greek", "Klingon"}) {
    CHECK_FALSE(unicode_property(name).has_value());
  }
  CHECK(unicode_property("Any")->contains(kLastCodePoint));
}

TEST_CASE("case folds as in RE2") {
  for (const char32_t code :
       {U'a',      U'k',      U'S',      U'\u00b5',     U'\u00df',     U'\u00e5', U'\u0130',
        U'\u0131', U'\u01c5', U'\u0345', U'\u03b8',     U'\u03c2',     U'\u0430', U'\u1e9b',
        U'\u1c88', U'\uab70', U'\u2126', U'\U00010400', U'\U0001e900', U'1'}) {
    CAPTURE(static_cast<std::uint32_t>(code));
    CHECK(ranges_of(fold_unicode_case(CodeSet(code, code))) ==
          test::re2_code_points("(?i)" + test::utf8_of(code)));
  }
  CHECK(ranges_of(fold_unicode_case(CodeSet('a', 0x3000))) ==
        test::re2_code_points("(?i)[a-\\x{3000}]"));
}

TEST_CASE("random Unicode patterns mark the lines that RE2 marks") {
  std::size_t judged = 0;
  for (std::uint64_t seed = 0; seed < test::seeds(800); ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(43, seed));
    const std::string pattern = test::random_utf8_pattern(rng);
    const std::string text = test::random_utf8_text(rng, 40);
    const auto tree = parse(pattern, unicode_flags());
    const bool his = test::re2_accepts(pattern, nullptr, test::Encoding::kUtf8);
    CAPTURE(pattern);
    REQUIRE(tree.has_value() == his);
    if (!his) {
      continue;
    }
    ++judged;
    const PatternSet set = make_set({}, {&*tree, 1});
    std::vector<std::uint32_t> ends;
    HostFinder(set, std::size_t{4} << 20).find(text, ends);
    LineMatcher matcher(*set.program);
    const auto lines = test::lines_of(text);
    const auto which = test::re2_which({pattern}, lines, test::Encoding::kUtf8);
    std::vector<std::uint32_t> expected;
    std::size_t end = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      end += lines[i].size();
      if (!which[i].empty()) {
        expected.push_back(static_cast<std::uint32_t>(end));
      }
      REQUIRE(matcher.which(lines[i]) == which[i]);
      ++end;
    }
    REQUIRE(ends == expected);
  }
  CHECK(judged > 400);
}

TEST_CASE("a pattern that is no UTF-8 is refused, with the place") {
  const auto tree = parse("ab\xff", unicode_flags());
  REQUIRE_FALSE(tree.has_value());
  CHECK(tree.error().offset == 2);
  CHECK(tree.error().reason == "invalid UTF-8");
  CHECK(parse("\\x{10ffff}", unicode_flags()).has_value());
  CHECK_FALSE(parse("\\x{110000}", unicode_flags()).has_value());
  CHECK_FALSE(parse("\\p{Klingon}", unicode_flags()).has_value());
  for (const char* open : {"\\p{Greek", "\\p{Lu", "\\P{^L", "\\p{", "[\\p{Lu]"}) {
    CAPTURE(open);
    CHECK_FALSE(parse(open, unicode_flags()).has_value());
    CHECK_FALSE(parse(open, {}).has_value());
  }
  CHECK(unicode_property("Yi")->contains(0xA000));  // the one script with a name of two letters
}

}  // namespace marvel::regex
