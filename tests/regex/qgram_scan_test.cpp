#include "regex/qgram_scan.hpp"

#include "base/random.hpp"
#include "regex/required.hpp"
#include "regex/seeds.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

std::string word(CounterRng& rng, std::uint32_t letters, std::uint32_t length) {
  std::string text;
  for (; length > 0; --length) {
    text += static_cast<char>('a' + rng.below(letters));
  }
  return text;
}

// The obviously right answer: whether a literal begins in [begin, end).
bool holds(const std::vector<std::string>& literals, std::string line) {
  std::transform(line.begin(), line.end(), line.begin(), folded);
  return std::any_of(literals.begin(), literals.end(),
                     [&](const auto& literal) { return line.find(literal) != std::string::npos; });
}

}  // namespace

TEST_CASE("every place is found, at every offset and up to the last byte") {
  const auto filter = QgramFilter::make({"needle"});
  for (const Simd simd : supported_simd()) {
    CAPTURE(simd_name(simd));
    QgramScan scan(*filter, simd);
    const auto first = [&scan](std::string_view text, std::size_t from) {
      scan.begin(text);
      return scan.next(from);
    };
    for (std::size_t before = 0; before < 140; ++before) {
      for (const std::size_t behind : {0U, 1U, 7U, 40U, 100U}) {
        const std::string text = std::string(before, '.') + "NeeDle" + std::string(behind, '.');
        CHECK(first(text, 0) == before);
        CHECK(first(text, before + 6) == text.size());
      }
    }
    CHECK(first("", 0) == 0);
    CHECK(first("needl", 0) == 5);
  }
}

TEST_CASE("random literals are found where a plain search finds them") {
  for (std::uint64_t seed = 0; seed < test::seeds(300); ++seed) {
    CounterRng rng(stream_key(9, seed));
    std::vector<std::string> literals;
    for (std::uint32_t count = 1 + rng.below(seed % 10 == 0 ? 2'000 : 20); count > 0; --count) {
      literals.push_back(word(rng, 3, 3 + rng.below(seed % 3 == 0 ? 30 : 5)));
    }
    const auto filter = QgramFilter::make(literals);
    REQUIRE(filter.has_value());
    std::string text;
    for (int line = 0; line < 400; ++line) {
      text += word(rng, 4, rng.below(40)) + "\n";
    }
    CAPTURE(seed);
    const auto simds = supported_simd();
    const Simd simd = simds[seed % simds.size()];
    CAPTURE(simd_name(simd));
    QgramScan scan(*filter, simd);
    scan.begin(text);
    // Line by line, as the search uses it.
    std::size_t found = scan.next(0);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      REQUIRE((found < end) == holds(literals, text.substr(begin, end - begin)));
      begin = end + 1;
      found = found < end ? scan.next(begin) : found;
    }
  }
}

}  // namespace marvel::regex
