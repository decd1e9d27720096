#include "base/random.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("the mixer is SplitMix64") {
  // First outputs of the reference generator for seed 0.
  CHECK(mix(0) == 0xe220a8397b1dcdafU);
  CHECK(mix(0x9e3779b97f4a7c15U) == 0x6e789e6aa1b965f4U);
}

TEST_CASE("a stream is a pure function of its key") {
  CounterRng a(stream_key(7, 1, 2));
  CounterRng b(stream_key(7, 1, 2));
  CounterRng c(stream_key(7, 2, 1));
  const auto first = a.next();
  CHECK(first == b.next());
  CHECK(first != c.next());
}

TEST_CASE("uniform draws stay inside (0, 1) and fill it evenly") {
  CounterRng rng(42);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double u = rng.uniform();
    REQUIRE(u > 0.0);
    REQUIRE(u < 1.0);
    sum += u;
  }
  CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("normal draws have mean 0 and variance 1") {
  CounterRng rng(5);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / 100'000) < 0.02);
  CHECK(squares / 100'000 == doctest::Approx(1.0).epsilon(0.02));
}

TEST_CASE("a permutation holds every index once and depends on its key") {
  std::vector<std::uint32_t> a(1000);
  std::vector<std::uint32_t> b(1000);
  random_permutation(1, a);
  random_permutation(2, b);
  CHECK(a != b);
  std::sort(a.begin(), a.end());
  for (std::uint32_t i = 0; i < 1000; ++i) {
    CHECK(a[i] == i);
  }
}

}  // namespace marvel
