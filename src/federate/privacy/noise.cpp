#include "federate/privacy/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace marvel::federate {
namespace {

// Uniform in (0, 1), never 0 and never 1.
double uniform(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12U) + 0.5) * 0x1.0p-52;
}

// Two standard normals from two draws (Box and Muller 1958).
std::array<double, 2> normal_pair(std::uint64_t a, std::uint64_t b) {
  const double radius = std::sqrt(-2 * std::log(uniform(a)));
  const double angle = 2 * std::numbers::pi * uniform(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

void gaussian(SecretRandom& random, double deviation, std::span<double> out) {
  constexpr std::size_t kSummands = 4;
  constexpr std::size_t kBlock = 256;  // pairs of values per request
  std::array<std::uint64_t, 2 * kSummands * kBlock> bits{};
  for (std::size_t first = 0; first < out.size(); first += 2 * kBlock) {
    const auto part = out.subspan(first, std::min(2 * kBlock, out.size() - first));
    const std::size_t pairs = (part.size() + 1) / 2;
    random.fill(std::span(bits).first(2 * kSummands * pairs));
    for (std::size_t i = 0; i < pairs; ++i) {
      std::array<double, 2> sum{};
      for (std::size_t k = 0; k < kSummands; ++k) {
        const std::size_t at = 2 * (kSummands * i + k);
        const auto pair = normal_pair(bits[at], bits[at + 1]);
        sum[0] += pair[0];
        sum[1] += pair[1];
      }
      // The sum of four has twice the deviation of one.
      part[2 * i] = deviation * sum[0] / 2;
      if (2 * i + 1 < part.size()) {
        part[2 * i + 1] = deviation * sum[1] / 2;
      }
    }
  }
  bits.fill(0);
}

double snap_step(double deviation) {
  constexpr int kFiner = 20;
  return std::ldexp(1.0, std::ilogb(deviation) - kFiner);
}

double snap(double value, double step) {
  return std::nearbyint(value / step) * step;
}

bool secret_coin(SecretRandom& random, double p) {
  std::array<std::uint64_t, 1> bits{};
  random.fill(bits);
  return uniform(bits[0]) < p;
}

}  // namespace marvel::federate
