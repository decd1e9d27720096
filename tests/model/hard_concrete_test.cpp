#include "model/hard_concrete.hpp"

#include "base/random.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::model {

using doctest::Approx;

TEST_CASE("probability and test gate agree with the closed forms") {
  struct Row {
    double log_alpha;
    double open;
    double gate;
  };
  // Derived by hand from the definitions, four digits.
  constexpr std::array<Row, 8> kRows{{{-4.605, 0.0471, 0.0},
                                      {-2.3979, 0.3102, 0.0},
                                      {-1.5986, 0.5000, 0.1018},
                                      {0.0, 0.8318, 0.5},
                                      {0.847, 0.9202, 0.7399},
                                      {1.386, 0.9519, 0.8599},
                                      {2.3979, 0.9820, 1.0},
                                      {4.605, 0.9980, 1.0}}};
  for (const Row& row : kRows) {
    CAPTURE(row.log_alpha);
    CHECK(open_probability(row.log_alpha) == Approx(row.open).epsilon(2e-4));
    CHECK(std::abs(test_gate(row.log_alpha) - row.gate) < 1e-4);
  }
}

TEST_CASE("draws and their slopes agree with worked numbers") {
  struct Row {
    float u;
    float log_alpha;
    float z;
    float slope;
  };
  constexpr std::array<Row, 6> kRows{{{0.5F, 0.0F, 0.5F, 0.45F},
                                      {0.5F, 1.0F, 0.881089F, 0.268464F},
                                      {0.9F, -1.0F, 0.929170F, 0.219767F},
                                      {0.1F, 0.5F, 0.0F, 0.0F},
                                      {0.05F, -2.0F, 0.0F, 0.0F},
                                      {0.99F, 2.0F, 1.0F, 0.0F}}};
  for (const Row& row : kRows) {
    const GateDraw draw = draw_gate(row.u, row.log_alpha);
    CHECK(draw.z == Approx(row.z).epsilon(1e-5));
    CHECK(draw.slope == Approx(row.slope).epsilon(1e-5));
  }
}

TEST_CASE("the slope is the derivative of the draw") {
  for (const float u : {0.2F, 0.35F, 0.5F, 0.7F}) {
    for (const float log_alpha : {-0.8F, -0.1F, 0.4F, 0.9F}) {
      const GateDraw draw = draw_gate(u, log_alpha);
      if (draw.slope == 0.0F) {
        continue;
      }
      constexpr float kStep = 1e-3F;
      const float numeric =
          (draw_gate(u, log_alpha + kStep).z - draw_gate(u, log_alpha - kStep).z) / (2 * kStep);
      CHECK(draw.slope == Approx(numeric).epsilon(2e-3));
    }
  }
}

TEST_CASE("gates open as often as their probability says") {
  const std::vector<float> log_alpha{-3.0F, -1.0F, 0.0F, 2.0F};
  std::vector<float> z(4);
  std::vector<float> slope(4);
  std::vector<int> open(4, 0);
  constexpr int kDraws = 20'000;
  for (int step = 0; step < kDraws; ++step) {
    draw_gates(stream_key(9, static_cast<std::uint64_t>(step)), log_alpha, 0, 4, z, slope);
    for (std::size_t i = 0; i < 4; ++i) {
      open[i] += z[i] > 0.0F ? 1 : 0;
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(open[i] / double{kDraws} - static_cast<double>(open_probability(log_alpha[i]))) <
          0.015);
  }
}

TEST_CASE("gates do not depend on how they are split over threads") {
  const std::vector<float> log_alpha(100, 0.3F);
  std::vector<float> whole(100);
  std::vector<float> parts(100);
  std::vector<float> slope(100);
  draw_gates(77, log_alpha, 0, 100, whole, slope);
  draw_gates(77, log_alpha, 0, 37, parts, slope);
  draw_gates(77, log_alpha, 37, 100, parts, slope);
  CHECK(whole == parts);
}

}  // namespace marvel::model
