#include "base/edit_distance.hpp"

#include "base/random.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel {
namespace {

// The definition, word for word; exponential, so for short words only.
std::size_t slow_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) {
    return a.size() + b.size();
  }
  const auto a_rest = a.substr(0, a.size() - 1);
  const auto b_rest = b.substr(0, b.size() - 1);
  std::size_t best = std::min({slow_distance(a_rest, b) + 1, slow_distance(a, b_rest) + 1,
                               slow_distance(a_rest, b_rest) + (a.back() == b.back() ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && b.back() == a[a.size() - 2]) {
    best = std::min(best, slow_distance(a.substr(0, a.size() - 2), b.substr(0, b.size() - 2)) + 1);
  }
  return best;
}

std::string random_word(CounterRng& rng) {
  std::string word(rng.below(6), 'a');
  for (char& c : word) {
    c = static_cast<char>('a' + rng.below(3));
  }
  return word;
}

}  // namespace

TEST_CASE("the distance counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("regex", "regex") == 0);
  CHECK(edit_distance("regx", "regex") == 1);
  CHECK(edit_distance("trian", "train") == 1);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the distance agrees with its definition on random words") {
  CounterRng rng(2026);
  for (int i = 0; i < 500; ++i) {
    const std::string a = random_word(rng);
    const std::string b = random_word(rng);
    CAPTURE(a);
    CAPTURE(b);
    CHECK(edit_distance(a, b) == slow_distance(a, b));
  }
}

TEST_CASE("the closest word is found, and far ones are not guessed") {
  const std::vector<std::string> words{"compress", "config", "completion", "help"};
  CHECK(closest("compres", words) == "compress");
  CHECK(closest("hlep", words) == "help");
  CHECK_FALSE(closest("deploy", words).has_value());
  CHECK_FALSE(closest("x", words).has_value());
  CHECK_FALSE(closest(std::string(65, 'c'), words).has_value());
}

}  // namespace marvel
