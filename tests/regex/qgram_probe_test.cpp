#include "regex/qgram_probe.hpp"

#include "base/random.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

std::string random_text(CounterRng& rng, std::uint32_t size) {
  std::string text;
  for (; size > 0; --size) {
    text += static_cast<char>(rng.below(20) == 0 ? rng.below(256) : 'a' + rng.below(5));
  }
  return text;
}

std::vector<std::string> random_literals(CounterRng& rng, std::uint32_t count) {
  std::vector<std::string> literals;
  for (; count > 0; --count) {
    std::string literal;
    for (std::uint32_t length = 4 + rng.below(8); length > 0; --length) {
      literal += static_cast<char>('a' + rng.below(5));
    }
    literals.push_back(literal);
  }
  return literals;
}

// What `probe` lists from `from` on, and where it stops.
template <class Probe>
std::pair<std::vector<std::uint32_t>, std::size_t> listed(const Probe& probe,
                                                          const std::string& text,
                                                          std::size_t from) {
  std::vector<std::uint32_t> list(text.size() + Probing::kSlack);
  Probing probing{text, from, text.size(), list.data(), 0};
  probe(probing);
  list.resize(probing.count);
  return {list, probing.at};
}

// Whether every place of the window at `at` may be one group's, byte by byte.
bool may_begin(const NibbleMasks& masks, const std::string& text, std::size_t at) {
  unsigned groups = 255;
  for (std::size_t place = 0; place < NibbleMasks::kPlaces; ++place) {
    const auto byte = static_cast<std::uint8_t>(text[at + place] | 0x20);
    groups &= static_cast<unsigned>(masks.low[place][byte & 15U]) & masks.high[place][byte >> 4U];
  }
  return groups != 0;
}

}  // namespace

TEST_CASE("vectors of grams list what single probes list") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(31, seed));
    const auto filter = QgramFilter::make(random_literals(rng, 1 + rng.below(200)));
    const GramProbe probe(*filter);
    const std::string text = random_text(rng, rng.below(600));
    const std::size_t from = rng.below(5);
    const auto [all, end] =
        listed([&](Probing& probing) { probe_grams_plain(probe, probing); }, text, from);
    for (const Simd simd : supported_simd()) {
      CAPTURE(simd_name(simd));
      if (const auto vectors = vector_gram_probe(simd); vectors != nullptr) {
        // Single ones go on where vectors stop.
        const auto both = listed(
            [&](Probing& probing) {
              vectors(probe, probing);
              probe_grams_plain(probe, probing);
            },
            text, from);
        CHECK(both.first == all);
        CHECK(both.second == end);
      }
    }
  }
}

TEST_CASE("vectors of nibbles list what the masks let pass, byte by byte") {
  std::size_t passed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    CounterRng rng(stream_key(32, seed));
    const auto filter = QgramFilter::make(random_literals(rng, 1 + rng.below(30)));
    const auto masks = NibbleMasks::make(*filter);
    REQUIRE(masks.has_value());
    const std::string text = random_text(rng, 64 + NibbleMasks::kPlaces + rng.below(500));
    for (const Simd simd : supported_simd()) {
      CAPTURE(simd_name(simd));
      if (const auto vectors = nibble_probe(simd); vectors != nullptr) {
        const auto [found, end] =
            listed([&](Probing& probing) { vectors(*masks, probing); }, text, 0);
        CHECK(end + 64 + NibbleMasks::kPlaces > text.size());
        std::vector<std::uint32_t> expected;
        for (std::size_t at = 0; at < end; ++at) {
          if (may_begin(*masks, text, at)) {
            expected.push_back(static_cast<std::uint32_t>(at));
          }
        }
        CHECK(found == expected);
        passed += found.size();
      }
    }
  }
  CHECK((passed > 100 || best_simd() == Simd::kNone));
}

}  // namespace marvel::regex
