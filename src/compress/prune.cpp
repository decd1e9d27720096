#include "compress/prune.hpp"

#include <algorithm>
#include <cstddef>

namespace marvel::compress {
namespace {

std::vector<std::uint64_t> widths_of(const std::vector<std::vector<std::int32_t>>& keep,
                                     int outputs) {
  std::vector<std::uint64_t> widths;
  for (const auto& layer : keep) {
    widths.push_back(layer.size());
  }
  widths.push_back(static_cast<std::uint64_t>(outputs));
  return widths;
}

std::uint64_t parameters_of(const std::vector<std::uint64_t>& widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total += (widths[l] + 1) * widths[l + 1];
  }
  return total;
}

struct Candidate {
  std::size_t layer = 0;
  std::size_t index = 0;  // into keep[layer]
  double value = -1;      // rate / share of its layer; negative means none found
};

Candidate least_missed(const std::vector<std::vector<double>>& rate,
                       const std::vector<std::vector<std::int32_t>>& keep,
                       std::span<const int> dense) {
  Candidate best;
  for (std::size_t l = 0; l < keep.size(); ++l) {
    if (keep[l].size() <= 1) {
      continue;
    }
    const auto least =
        std::min_element(keep[l].begin(), keep[l].end(), [&](std::int32_t a, std::int32_t b) {
          return rate[l][static_cast<std::size_t>(a)] < rate[l][static_cast<std::size_t>(b)];
        });
    const double share = static_cast<double>(keep[l].size()) / dense[l];
    const double value = rate[l][static_cast<std::size_t>(*least)] / share;
    if (best.value < 0 || value < best.value) {
      best = {l, static_cast<std::size_t>(least - keep[l].begin()), value};
    }
  }
  return best;
}

}  // namespace

std::vector<std::int32_t> active_positions(std::span<const std::uint32_t> open, std::uint64_t steps,
                                           double threshold) {
  std::vector<std::int32_t> active;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (static_cast<double>(open[i]) >= threshold * static_cast<double>(steps)) {
      active.push_back(static_cast<std::int32_t>(i));
    }
  }
  if (active.empty()) {
    const auto most = std::max_element(open.begin(), open.end());
    active.push_back(static_cast<std::int32_t>(most - open.begin()));
  }
  return active;
}

void trim_to(std::uint64_t most_parameters, const std::vector<std::vector<double>>& rate,
             std::span<const int> dense, std::vector<std::vector<std::int32_t>>* keep) {
  auto widths = widths_of(*keep, dense.back());
  while (parameters_of(widths) > most_parameters) {
    const Candidate victim = least_missed(rate, *keep, dense);
    if (victim.value < 0) {
      return;
    }
    auto& layer = (*keep)[victim.layer];
    layer.erase(layer.begin() + static_cast<std::ptrdiff_t>(victim.index));
    --widths[victim.layer];
  }
}

}  // namespace marvel::compress
