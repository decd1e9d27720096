#include "regex/required.hpp"

#include "base/text.hpp"
#include "regex/judge.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

std::string required(const std::string& pattern) {
  const auto tree = parse(pattern, {});
  REQUIRE(tree.has_value());
  return join(required_literals(*tree), " ");
}

}  // namespace

TEST_CASE("what a match cannot do without") {
  CHECK(required("siren") == "siren");
  CHECK(required("(?i)SIREN") == "siren");
  CHECK(required("^Failed password for (invalid user )?[a-z]+ from") == "failed password for ");
  CHECK(required("(Googlebot|bingbot)/[0-9]+") == "bingbot/ googlebot/");
  CHECK(required("a+bcd*e") == "bc");
  CHECK(required("x{3}y") == "xxxy");
  CHECK(required("[ab]c") == "ac bc");
  CHECK(required("(foo|ba[rz])qux") == "barqux bazqux fooqux");
  CHECK(required("\\bword\\b$") == "word");
}

TEST_CASE("nothing is required where something else would do") {
  CHECK(required("a*").empty());
  CHECK(required("foo|[0-9]+").empty());
  CHECK(required("").empty());
  CHECK(required("(foo)?").empty());
  CHECK(required("[^a]{3}").empty());
}

TEST_CASE("long text is cut and lists of words stay lists") {
  CHECK(required(std::string(200, 'q')).size() >= 64);
  std::string words = "w100";
  for (int i = 101; i < 300; ++i) {
    words += "|w" + std::to_string(i);
  }
  const auto tree = parse("(" + words + ")x?", {});
  CHECK(required_literals(*tree).size() == 200);
}

TEST_CASE("every line that RE2 matches holds a required literal") {
  std::size_t informed = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    CounterRng rng(stream_key(8, seed));
    const std::string pattern = test::random_pattern(rng);
    const auto tree = parse(pattern, {});
    const auto literals = tree ? required_literals(*tree) : std::vector<std::string>();
    if (literals.empty()) {
      continue;
    }
    const auto lines = test::lines_of(test::random_text(rng, 8));
    const auto his = test::re2_which({pattern}, lines);
    for (std::size_t i = 0; i < his.size(); ++i) {
      std::string line = lines[i];
      std::transform(line.begin(), line.end(), line.begin(), folded);
      const bool held = std::any_of(literals.begin(), literals.end(), [&](const auto& literal) {
        return line.find(literal) != std::string::npos;
      });
      CAPTURE(pattern);
      CAPTURE(line);
      REQUIRE((held || his[i].empty()));
      informed += his[i].empty() ? 0 : 1;
    }
  }
  CHECK(informed > 1'000);
}

}  // namespace marvel::regex
