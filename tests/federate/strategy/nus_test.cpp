#include "federate/strategy/nus.hpp"

#include "base/random.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

void check_probabilities(const std::vector<double>& scores, double wanted,
                         const std::vector<double>& expected) {
  const auto p = inclusion_probabilities(scores, wanted, 0);
  REQUIRE(p.size() == expected.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(p[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_CASE("probabilities fill up like water under a lid of one") {
  check_probabilities({1, 1, 1, 1, 16}, 2, {.25, .25, .25, .25, 1});
  check_probabilities({1, 2, 3, 4, 5}, 2, {.133333333, .266666667, .4, .533333333, .666666667});
  check_probabilities({1, 2, 3, 4, 5}, 3, {.2, .4, .6, .8, 1});
  check_probabilities({5, 5, 1, 1, 1, 1}, 3, {1, 1, .25, .25, .25, .25});
  std::vector<double> one_large(10, 0.1);
  one_large[9] = 10;
  std::vector<double> expected(10, 1.0 / 3);
  expected[9] = 1;
  check_probabilities(one_large, 4, expected);
  check_probabilities({0, 0}, 1, {.5, .5});
  check_probabilities({1, 2}, 5, {1, 1});
}

TEST_CASE("the floor holds and the sum stays, for random scores") {
  CounterRng random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> scores(2 + random.below(30));
    for (auto& score : scores) {
      score = std::exp(3 * random.normal());
    }
    const double wanted = 1 + random.below(static_cast<std::uint32_t>(scores.size()) - 1);
    const auto p = inclusion_probabilities(scores, wanted, 0.05);
    double sum = 0;
    for (const double value : p) {
      sum += value;
      CHECK(value <= 1);
      CHECK(value >= std::min(0.05, wanted / static_cast<double>(p.size())) - 1e-12);
    }
    CHECK(sum == doctest::Approx(wanted).epsilon(1e-9));
  }
}

TEST_CASE("systematic sampling draws each client with exactly its probability") {
  const std::vector<double> p{.2, .4, .6, .8, 1};
  std::vector<double> drawn(5);
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const auto sample = systematic_sample(p, static_cast<std::uint64_t>(i));
    CHECK(sample.size() == 3);
    for (const auto client : sample) {
      drawn[client] += 1.0 / kDraws;
    }
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(std::abs(drawn[i] - p[i]) <= 4 * std::sqrt(p[i] * (1 - p[i]) / kDraws) + 1e-12);
  }
}

// The acceptance test: 50 clients, Pareto data sizes, lognormal norms, 10 drawn. Estimates
// sum w_i Delta_i from the draw alone.
TEST_CASE("the estimate from a NUS draw is unbiased and far better than one by data size") {
  constexpr std::size_t kClients = 50;
  constexpr std::size_t kSize = 10;
  constexpr int kDraws = 20000;
  CounterRng random(3);
  std::vector<double> weights(kClients);
  std::vector<std::vector<double>> deltas(kClients, std::vector<double>(kSize));
  std::vector<double> scores(kClients);
  double total = 0;
  for (auto& weight : weights) {
    total += weight = std::pow(random.uniform(), -1 / 1.5);
  }
  std::vector<double> truth(kSize);
  for (std::size_t i = 0; i < kClients; ++i) {
    weights[i] /= total;
    const double scale = std::exp(1.5 * random.normal());
    double square = 0;
    for (std::size_t d = 0; d < kSize; ++d) {
      deltas[i][d] = scale * random.normal();
      square += deltas[i][d] * deltas[i][d];
      truth[d] += weights[i] * deltas[i][d];
    }
    scores[i] = weights[i] * std::sqrt(square);
  }
  using Draw = std::vector<std::size_t> (*)(std::span<const double>, std::uint64_t);
  const auto error_of = [&](const std::vector<double>& by, Draw draw_clients, bool check_bias) {
    const auto p = inclusion_probabilities(by, 10, 0);
    std::vector<double> mean(kSize);
    std::vector<double> squares(kSize);
    for (int draw = 0; draw < kDraws; ++draw) {
      std::vector<double> estimate(kSize);
      for (const auto i : draw_clients(p, static_cast<std::uint64_t>(draw) + 77)) {
        for (std::size_t d = 0; d < kSize; ++d) {
          estimate[d] += weights[i] / p[i] * deltas[i][d];
        }
      }
      for (std::size_t d = 0; d < kSize; ++d) {
        mean[d] += (estimate[d] - truth[d]) / kDraws;
        squares[d] += (estimate[d] - truth[d]) * (estimate[d] - truth[d]) / kDraws;
      }
    }
    double error = 0;
    for (std::size_t d = 0; d < kSize; ++d) {
      error += squares[d];
      if (check_bias) {
        CHECK(std::abs(mean[d]) < 3 * std::sqrt(squares[d] / kDraws));
      }
    }
    return error;
  };
  for (const Draw draw : {&systematic_sample, &poisson_sample}) {
    const double nus = error_of(scores, draw, true);
    const double by_size = error_of(weights, draw, false);
    MESSAGE("mean squared error: NUS ", nus, ", by data size ", by_size);
    CHECK(nus <= 0.25 * by_size);
  }
}

TEST_CASE("factors tell data, loss, variance, staleness and use the median norm for newcomers") {
  Histories histories;
  histories["a"] = {};
  histories["a"].examples = 300;
  histories["a"].update_norm = 0.2;
  histories["a"].loss = 2.0;
  histories["a"].last_merged = 4;
  histories["b"] = histories["a"];
  histories["b"].examples = 100;
  histories["b"].loss = 1.0;
  histories["b"].last_merged = 1;
  const std::vector<std::string> present{"a", "b", "new"};
  const auto rows = nus_factors(present, histories, 5, 3, {});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].weight == doctest::Approx(0.5));  // the newcomer counts as the mean, 200
  CHECK(rows[2].weight == doctest::Approx(200.0 / 600));
  CHECK(rows[0].loss == doctest::Approx(1.5));
  CHECK(rows[1].loss == 1);
  CHECK(rows[0].staleness == doctest::Approx(1 + 0.5 * 0.5));
  CHECK(rows[1].staleness == doctest::Approx(1.5));
  CHECK(rows[2].norm == doctest::Approx(0.2));
  CHECK(rows[1].since_merge == 4);
  NusOptions off;
  off.loss = off.staleness = off.variance = 0;
  CHECK(nus_factors(present, histories, 5, 3, off)[0].score == doctest::Approx(0.5 * 0.2));
}

TEST_CASE("poisson sampling draws each client by a coin of its own") {
  const std::vector<double> p{.1, .5, 1};
  std::vector<double> drawn(3);
  double both = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const auto sample = poisson_sample(p, static_cast<std::uint64_t>(i));
    for (const auto client : sample) {
      drawn[client] += 1.0 / kDraws;
    }
    both += sample.size() == 3 ? 1.0 / kDraws : 0;
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    CHECK(std::abs(drawn[i] - p[i]) <= 4 * std::sqrt(p[i] * (1 - p[i]) / kDraws) + 1e-12);
  }
  CHECK(std::abs(both - .05) <= 4 * std::sqrt(.05 * .95 / kDraws));
}

TEST_CASE("without the features of data all are alike, or differ by their coming and going alone") {
  Histories histories;
  histories["a"].examples = 300;
  histories["a"].update_norm = 0.2;
  histories["a"].loss = 2.0;
  histories["a"].availability = 0.5;
  histories["a"].last_merged = 4;
  histories["b"].examples = 100;
  histories["b"].loss = 1.0;
  const std::vector<std::string> present{"a", "b"};
  NusOptions options;
  options.features = NusFeatures::kNone;
  for (const auto& row : nus_factors(present, histories, 5, 2, options)) {
    CHECK(row.score == 1);
  }
  options.features = NusFeatures::kAvailability;
  const auto rows = nus_factors(present, histories, 5, 2, options);
  CHECK(rows[0].score == doctest::Approx(2 * (1 + 0.5 * 0.5)));
  CHECK(rows[1].score == doctest::Approx(1 + 0.5));
  CHECK(rows[0].weight * rows[0].norm * rows[0].loss * rows[0].variance == 1);
}

TEST_CASE("when the sizes themselves are known nothing stands in for them") {
  Histories histories;
  histories["a"].examples = 300;
  histories["a"].update_norm = 0.2;
  histories["a"].loss = 2.0;
  histories["b"] = histories["a"];
  histories["b"].loss = 1.0;
  NusOptions options;
  options.mode = NusMode::kPost;
  const std::vector<std::string> present{"a", "b"};
  for (const auto& row : nus_factors(present, histories, 5, 1, options)) {
    CHECK(row.score == doctest::Approx(0.5 * 0.2));
  }
}

TEST_CASE("scores that are not finite leave the others their chances") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
    const auto p = inclusion_probabilities(std::vector<double>{bad, 1, 1}, 2, 0);
    CHECK(p[0] + p[1] + p[2] == doctest::Approx(2));
    CHECK(p[1] == doctest::Approx(p[2]));
  }
}

}  // namespace marvel::federate
