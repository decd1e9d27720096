#include "regex/code_set.hpp"

#include "base/random.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace marvel::regex {

TEST_CASE("ranges that touch become one") {
  CodeSet set(5, 9);
  set.add(20, 30);
  set.add(10, 12);
  CHECK(set.ranges() == std::vector<CodeSet::Range>{{5, 12}, {20, 30}});
  set.add(0, 100);
  CHECK(set.ranges() == std::vector<CodeSet::Range>{{0, 100}});
  CHECK(CodeSet(0, kLastCodePoint).complement(kLastCodePoint).ranges().empty());
  CHECK(CodeSet().complement(255).ranges() == std::vector<CodeSet::Range>{{0, 255}});
}

TEST_CASE("sets hold what was added") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CounterRng rng(stream_key(41, seed));
    CodeSet set;
    std::vector<bool> plain(300, false);
    for (int i = 0; i < 20; ++i) {
      const char32_t first = rng.below(300);
      const char32_t last = std::min<char32_t>(299, first + rng.below(20));
      set.add(first, last);
      std::fill(plain.begin() + first, plain.begin() + last + 1, true);
    }
    const CodeSet rest = set.complement(299);
    for (char32_t code = 0; code < 300; ++code) {
      REQUIRE(set.contains(code) == plain[code]);
      REQUIRE(rest.contains(code) != plain[code]);
      if (code < 256) {
        REQUIRE(set.bytes().contains(static_cast<int>(code)) == plain[code]);
      }
    }
    CHECK(CodeSet(set.bytes()).bytes() == set.bytes());
  }
}

}  // namespace marvel::regex
