#include "federate/privacy/noise.hpp"

#include "federate/privacy/fake_random.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("noise has the moments and the shape of a normal distribution") {
  test_privacy::SeededRandom random(5);
  std::vector<double> noise(200001);  // odd, so that the last pair is half used
  gaussian(random, 3.0, noise);
  double sum = 0;
  double squares = 0;
  double fourth = 0;
  double within = 0;
  for (const double value : noise) {
    const double x = value / 3.0;
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    within += std::abs(x) < 1 ? 1 : 0;
  }
  const auto count = static_cast<double>(noise.size());
  CHECK(std::abs(sum / count) < 5 / std::sqrt(count));
  CHECK(squares / count == doctest::Approx(1).epsilon(5 * std::sqrt(2 / count)));
  CHECK(fourth / count == doctest::Approx(3).epsilon(0.03));
  CHECK(within / count == doctest::Approx(0.682689).epsilon(0.01));
}

TEST_CASE("neighbouring values are independent") {
  test_privacy::SeededRandom random(6);
  std::vector<double> noise(100000);
  gaussian(random, 1, noise);
  double product = 0;
  for (std::size_t i = 0; i + 1 < noise.size(); ++i) {
    product += noise[i] * noise[i + 1];
  }
  CHECK(std::abs(product / 1e5) < 5 / std::sqrt(1e5));
}

TEST_CASE("the grid is far finer than the noise, and values on it stay") {
  CHECK(snap_step(1.0) == std::ldexp(1.0, -20));
  CHECK(snap_step(1.9) == std::ldexp(1.0, -20));
  CHECK(snap_step(2.0) == std::ldexp(1.0, -19));
  const double step = snap_step(0.3);
  const double value = snap(0.123456789, step);
  CHECK(std::abs(value - 0.123456789) <= step / 2);
  CHECK(snap(value, step) == value);
}

TEST_CASE("a coin falls as often as it should") {
  test_privacy::SeededRandom random(7);
  int fallen = 0;
  for (int i = 0; i < 40000; ++i) {
    fallen += secret_coin(random, 0.3) ? 1 : 0;
  }
  CHECK(std::abs(fallen / 40000.0 - 0.3) < 4 * std::sqrt(0.21 / 40000));
  CHECK_FALSE(secret_coin(random, 0));
  CHECK(secret_coin(random, 1));
}

}  // namespace marvel::federate
