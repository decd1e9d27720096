#include "regex/qgram_window.hpp"

#include "base/random.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

std::string random_text(CounterRng& rng, std::uint32_t size) {
  std::string text;
  for (; size > 0; --size) {
    text += static_cast<char>('a' + rng.below(4));
  }
  return text;
}

std::vector<std::uint32_t> kept(const WindowTest& test, const std::string& text,
                                const std::vector<std::uint32_t>& probes, KeepWindows vectors) {
  std::vector<std::uint32_t> list(probes.size() * test.offsets + 16);
  Windowing windowing{text, probes.data(), probes.size(), 0, list.data(), 0};
  if (vectors != nullptr) {
    vectors(test, windowing);
  }
  keep_windows_plain(test, windowing);
  list.resize(windowing.count);
  return list;
}

}  // namespace

TEST_CASE("vectors of windows keep what single ones keep, in the same order") {
  std::size_t total = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(33, seed));
    std::vector<std::string> literals;
    for (std::uint32_t count = 1 + rng.below(50); count > 0; --count) {
      literals.push_back(random_text(rng, 4 + rng.below(8)));
    }
    const auto filter = QgramFilter::make(literals);
    const std::string text = random_text(rng, rng.below(800));
    std::vector<std::uint32_t> probes;
    for (std::uint32_t at = rng.below(4); at < text.size(); at += 1 + rng.below(9)) {
      probes.push_back(at);
    }
    for (std::uint32_t offsets = 1; offsets <= 4; ++offsets) {
      CAPTURE(offsets);
      const WindowTest test(*filter, offsets);
      const auto plain = kept(test, text, probes, nullptr);
      total += plain.size();
      for (const Simd simd : supported_simd()) {
        CHECK(kept(test, text, probes, vector_keep_windows(simd)) == plain);
      }
    }
  }
  CHECK(total > 1'000);
}

TEST_CASE("windows that end behind the text pass") {
  const auto filter = QgramFilter::make({"needle"});
  const WindowTest test(*filter, 2);
  CHECK(kept(test, "....", {2, 3}, nullptr) == std::vector<std::uint32_t>{2, 1, 3, 2});
}

}  // namespace marvel::regex
