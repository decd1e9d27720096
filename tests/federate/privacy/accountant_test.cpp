// Reference values: the accountants of Opacus and of Google's dp_accounting, as their tests state
// them, and recomputations of the same formulas in 50 digits.
#include "federate/privacy/accountant.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

struct Case {
  double q;
  double z;
  std::uint64_t rounds;
  double delta;
  double epsilon;
  double order;
};

double epsilon_of(double q, double z, std::uint64_t rounds, double delta) {
  const std::array<Release, 1> releases{{{q, z, rounds}}};
  return privacy_loss(releases, delta).epsilon;
}

}  // namespace

TEST_CASE("epsilon and its order are those of the reference accountants") {
  constexpr std::array<Case, 5> kCases{{{0.04, 1.5, 2250, 1e-5, 7.32911117143, 3.9},
                                        {0.01, 1.1, 10000, 1e-5, 5.63199236868, 4.7},
                                        {256.0 / 60000, 1.1, 14040, 1e-5, 2.59436335495, 8.1},
                                        {0.01, 4, 1000, 1e-5, 0.301161158555, 48},
                                        {0.1, 1, 100, 1e-5, 7.89925500244, 3.2}}};
  for (const auto& c : kCases) {
    const std::array<Release, 1> releases{{{c.q, c.z, c.rounds}}};
    const auto loss = privacy_loss(releases, c.delta);
    CHECK(loss.epsilon == doctest::Approx(c.epsilon).epsilon(1e-9));
    CHECK(loss.order == doctest::Approx(c.order));
  }
}

TEST_CASE("whole orders alone give the reference values too") {
  constexpr std::array<Case, 6> kCases{{{.04, 1.5, 2250, 1e-5, 7.32987677383, 4},
                                        {.1, 1, 100, 1e-5, 7.97292151038, 3},
                                        {.5, 2, 50, 1e-5, 10.3028511479, 3},
                                        {.2, .8, 20, 1e-3, 8.33111765034, 2},
                                        {.001, .7, 100000, 1e-6, 4.65523675099, 5},
                                        {1, 5, 100, 1e-5, 10.80169148, 3}}};
  std::vector<double> orders;
  for (int order = 2; order <= 256; ++order) {
    orders.push_back(order);
  }
  for (const auto& c : kCases) {
    std::vector<double> divergences;
    for (const double order : orders) {
      divergences.push_back(static_cast<double>(c.rounds) * renyi_divergence(c.q, c.z, order));
    }
    const auto loss = privacy_loss(orders, divergences, c.delta);
    CHECK(loss.epsilon == doctest::Approx(c.epsilon).epsilon(1e-9));
    CHECK(loss.order == c.order);
  }
}

TEST_CASE("rounds with different parameters add up") {
  std::vector<double> orders;
  std::vector<double> divergences;
  for (int order = 2; order <= 32; ++order) {
    orders.push_back(order);
    divergences.push_back(10 * renyi_divergence(1e-5, 1, order) +
                          4 * renyi_divergence(1e-4, 3, order));
  }
  const auto loss = privacy_loss(orders, divergences, 1e-5);
  CHECK(loss.epsilon == doctest::Approx(0.33634406).epsilon(1e-7));
  CHECK(loss.order == 23);
}

TEST_CASE("a constant divergence and a single Gaussian give the published values") {
  std::vector<double> orders;
  for (int order = 2; order <= 32; ++order) {
    orders.push_back(order);
  }
  const std::vector<double> constant(orders.size(), 1.1);
  CHECK(privacy_loss(orders, constant, 1e-5).epsilon ==
        doctest::Approx(1.32783806176).epsilon(1e-10));
  std::vector<double> dense;
  std::vector<double> gaussian;
  for (int i = 1; i <= 99000; ++i) {
    dense.push_back(1 + i / 1000.0);
    gaussian.push_back(renyi_divergence(1, 4.530877117, dense.back()));
  }
  CHECK(privacy_loss(dense, gaussian, 1e-6).epsilon == doctest::Approx(1.0).epsilon(1e-5));
}

TEST_CASE("divergences of fractional and whole orders are the published ones") {
  constexpr std::array<std::array<double, 2>, 5> kWanted{{{1.5, 6.50070897e-04},
                                                          {2.5, 1.08541806e-03},
                                                          {5, 2.18075656e-03},
                                                          {50, 2.38460375e-02},
                                                          {100, 167.416308}}};
  for (const auto& [order, divergence] : kWanted) {
    CHECK(50 * renyi_divergence(0.01, 2.5, order) == doctest::Approx(divergence).epsilon(1e-6));
  }
}

TEST_CASE("quadrature agrees with the closed sum next to a whole order, also at q above one half") {
  for (const double q : {0.001, 0.1, 0.5, 0.9}) {
    for (const double z : {0.5, 1.0, 4.0}) {
      for (const double order : {2.0, 3.0, 10.0}) {
        const double closed = renyi_divergence(q, z, order);
        const double around =
            (renyi_divergence(q, z, order - 1e-5) + renyi_divergence(q, z, order + 1e-5)) / 2;
        CHECK(around == doctest::Approx(closed).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("the exact delta of one Gaussian is never above the one accounted for") {
  for (const double epsilon : {0.5, 1.0, 2.0, 4.0}) {
    const double exact = std::erfc((epsilon - .5) / std::sqrt(2.0)) / 2 -
                         std::exp(epsilon) * std::erfc((epsilon + .5) / std::sqrt(2.0)) / 2;
    CHECK(epsilon_of(1, 1, 1, exact) >= epsilon);
  }
}

TEST_CASE("epsilon grows with sampling and rounds and falls with noise and delta") {
  double last = 0;
  for (const double q : {0.01, 0.05, 0.2, 0.5, 0.8, 1.0}) {
    const double now = epsilon_of(q, 1.2, 20, 1e-5);
    CHECK(now > last);
    last = now;
  }
  CHECK(epsilon_of(.1, 1, 50, 1e-5) < epsilon_of(.1, 1, 51, 1e-5));
  CHECK(epsilon_of(.1, 1.1, 50, 1e-5) < epsilon_of(.1, 1, 50, 1e-5));
  CHECK(epsilon_of(.1, 1, 50, 1e-4) < epsilon_of(.1, 1, 50, 1e-5));
}

TEST_CASE("nothing released costs nothing, no noise everything") {
  CHECK(privacy_loss(std::vector<Release>{}, 1e-5).epsilon == 0);
  CHECK(renyi_divergence(0, 1, 2) == 0);
  CHECK(std::isinf(renyi_divergence(0.1, 0, 2)));
}

TEST_CASE("rounds with the same parameters share an entry") {
  std::vector<Release> releases;
  add_round(releases, 0.1, 1);
  add_round(releases, 0.1, 1);
  add_round(releases, 0.2, 1);
  CHECK(releases == std::vector<Release>{{0.1, 1, 2}, {0.2, 1, 1}});
}

}  // namespace marvel::federate
