#include "base/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace marvel {

double CounterRng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

void random_permutation(std::uint64_t key, std::span<std::uint32_t> order) {
  std::iota(order.begin(), order.end(), 0U);
  CounterRng rng(key);
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
  }
}

}  // namespace marvel
