#include "federate/client/partition.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kOrder = 41;  // random streams
constexpr std::uint64_t kShares = 42;

// The logarithm of a gamma variate with shape `alpha` and scale 1: Marsaglia and Tsang, "A simple
// method for generating gamma variables" (2000), with their boost for alpha < 1 (section 6). The
// logarithm because shapes far below 1 give numbers that no double holds.
double log_gamma_variate(CounterRng& random, double alpha) {
  if (alpha < 1) {
    return log_gamma_variate(random, alpha + 1) + std::log(random.uniform()) / alpha;
  }
  const double d = alpha - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) {
      return std::log(d * v);
    }
  }
}

// Where each client's share of a label begins and ends, as sums of a Dirichlet draw.
std::vector<double> share_borders(std::size_t clients, double alpha, std::uint64_t key) {
  CounterRng random(key);
  std::vector<double> logs(clients);
  for (auto& value : logs) {
    value = log_gamma_variate(random, alpha);
  }
  const double largest = *std::max_element(logs.begin(), logs.end());
  std::vector<double> borders{0};
  for (const double value : logs) {
    borders.push_back(borders.back() + std::exp(value - largest));
  }
  for (auto& border : borders) {
    border /= borders.back();
  }
  return borders;
}

void deal_unlike(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> order,
                 double alpha, std::uint64_t seed, Shares& shares) {
  std::vector<std::vector<std::uint32_t>> by_label(256);
  for (const auto sample : order) {
    by_label[labels[sample]].push_back(sample);
  }
  for (std::size_t label = 0; label < by_label.size(); ++label) {
    const auto& samples = by_label[label];
    if (samples.empty()) {
      continue;
    }
    const auto borders = share_borders(shares.size(), alpha, stream_key(seed, kShares, label));
    const auto count = static_cast<double>(samples.size());
    for (std::size_t client = 0; client < shares.size(); ++client) {
      const auto begin = static_cast<std::ptrdiff_t>(std::llround(borders[client] * count));
      const auto end = static_cast<std::ptrdiff_t>(std::llround(borders[client + 1] * count));
      shares[client].insert(shares[client].end(), samples.begin() + begin, samples.begin() + end);
    }
  }
}

}  // namespace

Shares deal_to_all(std::span<const std::uint8_t> labels, int clients, Deal deal, double alpha,
                   std::uint64_t seed) {
  Shares shares(static_cast<std::size_t>(clients));
  std::vector<std::uint32_t> order(labels.size());
  random_permutation(stream_key(seed, kOrder), order);
  if (deal == Deal::kIid) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      shares[i % shares.size()].push_back(order[i]);
    }
  } else {
    deal_unlike(labels, order, alpha, seed, shares);
  }
  for (auto& share : shares) {
    std::sort(share.begin(), share.end());
  }
  return shares;
}

std::vector<std::uint32_t> deal_samples(std::span<const std::uint8_t> labels, int client,
                                        int clients, Deal deal, double alpha, std::uint64_t seed) {
  auto shares = deal_to_all(labels, clients, deal, alpha, seed);
  return std::move(shares[static_cast<std::size_t>(client)]);
}

}  // namespace marvel::federate
