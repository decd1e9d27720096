#include "federate/privacy/accountant.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace marvel::federate {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();  // log 0

double log_add(double a, double b) {
  const double high = std::max(a, b);
  return high == kNothing ? kNothing : high + std::log1p(std::exp(std::min(a, b) - high));
}

// std::lgamma keeps its sign in a variable that all threads share.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double log_choose(double n, double k) {
  return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

// log E[(p1 / p0)^alpha] = log sum_i C(alpha, i) q^i (1-q)^(alpha-i) exp((i^2 - i) / (2 z^2))
double log_moment_whole(double q, double z, int alpha) {
  double sum = kNothing;
  for (int i = 0; i <= alpha; ++i) {
    sum = log_add(sum, log_choose(alpha, i) + i * std::log(q) + (alpha - i) * std::log1p(-q) +
                           (static_cast<double>(i) * i - i) / (2 * z * z));
  }
  return sum;
}

// log of the integrand of E_{x ~ N(0, z^2)} ((1-q) + q exp((2x - 1) / (2 z^2)))^alpha.
double log_integrand(double q, double z, double alpha, double x) {
  const double ratio = log_add(std::log1p(-q), std::log(q) + (2 * x - 1) / (2 * z * z));
  return alpha * ratio - x * x / (2 * z * z);
}

// The same expectation by the trapezoidal rule, whose error falls faster than any power of the step
// for a smooth integrand that dies out at both ends. Its mass lies around x = 0 (the first
// summand) and x = alpha (the second).
double log_moment_fractional(double q, double z, double alpha) {
  constexpr double kTail = 14;  // standard deviations; exp(-98) is left out
  constexpr double kStep = 1.0 / 32;
  const double step = kStep * z;
  const auto count = static_cast<std::int64_t>(std::ceil((alpha + 2 * kTail * z) / step));
  double sum = kNothing;
  for (std::int64_t i = 0; i <= count; ++i) {
    sum = log_add(sum, log_integrand(q, z, alpha, -kTail * z + static_cast<double>(i) * step));
  }
  constexpr double kLogRootTwoPi = 0.91893853320467274178;
  return sum + std::log(kStep) - kLogRootTwoPi;
}

}  // namespace

const std::vector<double>& renyi_orders() {
  static const std::vector<double> kOrders = [] {
    std::vector<double> orders;
    for (int tenths = 11; tenths <= 109; ++tenths) {
      orders.push_back(tenths / 10.0);
    }
    for (int order = 12; order <= 63; ++order) {
      orders.push_back(order);
    }
    return orders;
  }();
  return kOrders;
}

double renyi_divergence(double sampling_rate, double noise_multiplier, double alpha) {
  const double q = sampling_rate;
  const double z = noise_multiplier;
  if (q <= 0) {
    return 0;
  }
  if (z <= 0) {
    return std::numeric_limits<double>::infinity();
  }
  if (q >= 1) {
    return alpha / (2 * z * z);
  }
  const double nearest = std::round(alpha);
  const double moment = alpha == nearest ? log_moment_whole(q, z, static_cast<int>(nearest))
                                         : log_moment_fractional(q, z, alpha);
  return std::max(0.0, moment) / (alpha - 1);
}

PrivacyLoss privacy_loss(std::span<const double> orders, std::span<const double> divergences,
                         double delta) {
  PrivacyLoss best{std::numeric_limits<double>::infinity(), 0};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double alpha = orders[i];
    const double epsilon =
        divergences[i] + std::log1p(-1 / alpha) - (std::log(delta) + std::log(alpha)) / (alpha - 1);
    if (epsilon < best.epsilon) {
      best = {std::max(0.0, epsilon), alpha};
    }
  }
  return best;
}

PrivacyLoss privacy_loss(std::span<const Release> releases, double delta) {
  if (releases.empty()) {
    return {};
  }
  const auto& orders = renyi_orders();
  std::vector<double> divergences(orders.size());
  for (const auto& release : releases) {
    for (std::size_t i = 0; i < orders.size(); ++i) {
      divergences[i] +=
          static_cast<double>(release.rounds) *
          renyi_divergence(release.sampling_rate, release.noise_multiplier, orders[i]);
    }
  }
  return privacy_loss(orders, divergences, delta);
}

void add_round(std::vector<Release>& releases, double sampling_rate, double noise_multiplier) {
  if (releases.empty() || releases.back().sampling_rate != sampling_rate ||
      releases.back().noise_multiplier != noise_multiplier) {
    releases.push_back({sampling_rate, noise_multiplier, 0});
  }
  ++releases.back().rounds;
}

}  // namespace marvel::federate
