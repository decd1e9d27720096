#include "compress/prune.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

std::uint64_t parameters(const std::vector<std::vector<std::int32_t>>& keep, int outputs) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l < keep.size(); ++l) {
    const auto out = l + 1 < keep.size() ? keep[l + 1].size() : static_cast<std::size_t>(outputs);
    total += (keep[l].size() + 1) * out;
  }
  return total;
}

}  // namespace

TEST_CASE("units at the threshold stay, units below leave") {
  const std::vector<std::uint32_t> open{50, 49, 100, 0};
  CHECK(active_positions(open, 100, 0.5) == std::vector<std::int32_t>{0, 2});
}

TEST_CASE("a layer never becomes empty") {
  const std::vector<std::uint32_t> open{1, 3, 2};
  CHECK(active_positions(open, 100, 0.5) == std::vector<std::int32_t>{1});
}

TEST_CASE("trimming reaches the target and takes the least active units of a layer first") {
  const std::vector<std::vector<double>> rate{{0.9, 0.1, 0.5, 0.8}, {0.7, 0.2}};
  std::vector<std::vector<std::int32_t>> keep{{0, 1, 2, 3}, {0, 1}};
  REQUIRE(parameters(keep, 2) == 16);
  trim_to(12, rate, std::vector<int>{4, 2, 2}, &keep);
  CHECK(parameters(keep, 2) <= 12);
  for (const auto& layer : keep) {
    CHECK_FALSE(layer.empty());
    CHECK(std::is_sorted(layer.begin(), layer.end()));
  }
  CHECK(keep[0].front() == 0);
}

TEST_CASE("layers whose gates say nothing shrink alike") {
  std::vector<std::vector<double>> rate(2);
  std::vector<std::vector<std::int32_t>> keep(2);
  for (const auto& [layer, width] : {std::pair{0, 100}, std::pair{1, 40}}) {
    for (int i = 0; i < width; ++i) {
      rate[static_cast<std::size_t>(layer)].push_back(0.9);
      keep[static_cast<std::size_t>(layer)].push_back(i);
    }
  }
  trim_to(parameters(keep, 4) / 4, rate, std::vector<int>{100, 40, 4}, &keep);
  CHECK(static_cast<double>(keep[0].size()) / 100 ==
        doctest::Approx(static_cast<double>(keep[1].size()) / 40).epsilon(0.05));
}

TEST_CASE("an unreachable target leaves one unit per layer") {
  const std::vector<std::vector<double>> rate{{0.9, 0.1}, {0.7, 0.2, 0.4}};
  std::vector<std::vector<std::int32_t>> keep{{0, 1}, {0, 1, 2}};
  trim_to(1, rate, std::vector<int>{2, 3, 2}, &keep);
  CHECK(keep == std::vector<std::vector<std::int32_t>>{{0}, {0}});
}

TEST_CASE("random networks are trimmed to their targets, in order and without invention") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    CounterRng rng(seed);
    std::vector<std::vector<double>> rate(3);
    std::vector<std::vector<std::int32_t>> keep(3);
    for (std::size_t l = 0; l < 3; ++l) {
      const auto width = 2 + rng.below(30);
      for (std::uint32_t i = 0; i < width; ++i) {
        rate[l].push_back(rng.uniform());
        keep[l].push_back(static_cast<std::int32_t>(i));
      }
    }
    const auto before = parameters(keep, 5);
    std::vector<int> dense;
    for (const auto& layer : keep) {
      dense.push_back(static_cast<int>(layer.size()));
    }
    dense.push_back(5);
    trim_to(before / 3, rate, dense, &keep);
    const bool minimal = keep[0].size() == 1 && keep[1].size() == 1 && keep[2].size() == 1;
    CHECK((parameters(keep, 5) <= before / 3 || minimal));
  }
}

}  // namespace marvel::compress
