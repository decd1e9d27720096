#include "vpn/n2n/pattern.hpp"

#include "vpn/support.hpp"

#include <regex>

namespace marvel::vpn::n2n {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const auto parsed = Pattern::parse(pattern);
  REQUIRE(parsed);
  return parsed->matches(name);
}

TEST_CASE("only whole names match") {
  CHECK(matches("sensor[0-9]+", "sensor12"));
  CHECK_FALSE(matches("sensor[0-9]+", "sensor"));
  CHECK_FALSE(matches("sensor[0-9]+", "sensor12b"));
  CHECK_FALSE(matches("sensor[0-9]+", "a sensor1"));
  CHECK(matches("^lab.$", "lab7"));
  CHECK(matches("colou?r", "color"));
  CHECK(matches("colou?r", "colour"));
  CHECK(matches("a*", ""));
  CHECK(matches("[^0-9]\\d\\w\\s\\S", "a1_ x"));
  CHECK_FALSE(matches("[^0-9]x", "1x"));
  CHECK(matches("a\\.b", "a.b"));
  CHECK_FALSE(matches("a\\.b", "axb"));
  CHECK(matches("[a-c-]+", "a-b"));
}

TEST_CASE("what is no pattern is refused") {
  for (const char* const text : {"", "*a", "+", "a**", "[", "[a", "[]", "a]", "a\\", "?"}) {
    CAPTURE(text);
    CHECK_FALSE(Pattern::parse(text));
  }
  CHECK(Pattern::is_pattern("lab.*"));
  CHECK_FALSE(Pattern::is_pattern("lab-1"));
}

// The judge knows the same language and more.
TEST_CASE("patterns agree with std::regex") {
  constexpr std::string_view kPieces = "ab.*+?ab";
  for (std::uint64_t seed = 0; seed < seeds(3000); ++seed) {
    SeededRandom random(seed);
    std::string text;
    for (std::uint32_t left = 1 + random.rng().below(6); left > 0; --left) {
      text += kPieces[random.rng().below(kPieces.size())];
    }
    const auto pattern = Pattern::parse(text);
    if (!pattern) {
      continue;
    }
    const std::regex judge(text);
    for (int count = 0; count < 10; ++count) {
      std::string name;
      for (std::uint32_t left = random.rng().below(6); left > 0; --left) {
        name += "abc"[random.rng().below(3)];
      }
      CAPTURE(text);
      CAPTURE(name);
      CHECK(pattern->matches(name) == std::regex_match(name, judge));
    }
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
