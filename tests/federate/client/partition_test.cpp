#include "federate/client/partition.hpp"

#include <algorithm>
#include <cstddef>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::vector<std::uint8_t> ten_labels(std::size_t count) {
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = static_cast<std::uint8_t>(i % 10);
  }
  return labels;
}

}  // namespace

TEST_CASE("every sample goes to exactly one client, however they are dealt") {
  const auto labels = ten_labels(1003);
  for (const auto deal : {Deal::kIid, Deal::kDirichlet}) {
    for (const double alpha : {0.001, 0.3, 100.0}) {
      std::vector<int> owners(labels.size());
      for (int client = 0; client < 7; ++client) {
        for (const auto sample : deal_samples(labels, client, 7, deal, alpha, 5)) {
          ++owners[sample];
        }
      }
      CHECK(std::all_of(owners.begin(), owners.end(), [](int count) { return count == 1; }));
    }
  }
}

TEST_CASE("dealing to all at once gives each client what it would get alone") {
  const auto labels = ten_labels(1003);
  for (const auto deal : {Deal::kIid, Deal::kDirichlet}) {
    const auto shares = deal_to_all(labels, 7, deal, 0.3, 5);
    REQUIRE(shares.size() == 7);
    for (int client = 0; client < 7; ++client) {
      CHECK(shares[static_cast<std::size_t>(client)] ==
            deal_samples(labels, client, 7, deal, 0.3, 5));
    }
  }
}

TEST_CASE("equal shares differ by one at most, and a small alpha makes clients unlike") {
  const auto labels = ten_labels(1003);
  CHECK(deal_samples(labels, 0, 4, Deal::kIid, 1, 1).size() == 251);
  CHECK(deal_samples(labels, 3, 4, Deal::kIid, 1, 1).size() == 250);
  const auto largest_label_share = [&](double alpha) {
    const auto mine = deal_samples(labels, 0, 5, Deal::kDirichlet, alpha, 3);
    std::vector<double> counts(10);
    for (const auto sample : mine) {
      counts[labels[sample]] += 1;
    }
    return *std::max_element(counts.begin(), counts.end()) /
           std::max(1.0, static_cast<double>(mine.size()));
  };
  CHECK(largest_label_share(1000) < 0.15);
  CHECK(largest_label_share(0.05) > 0.3);
}

TEST_CASE("the deal depends on the seed alone") {
  const auto labels = ten_labels(100);
  CHECK(deal_samples(labels, 1, 3, Deal::kDirichlet, 0.3, 1) ==
        deal_samples(labels, 1, 3, Deal::kDirichlet, 0.3, 1));
  CHECK(deal_samples(labels, 1, 3, Deal::kIid, 0.3, 1) !=
        deal_samples(labels, 1, 3, Deal::kIid, 0.3, 2));
}

}  // namespace marvel::federate
