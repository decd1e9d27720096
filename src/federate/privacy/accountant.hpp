#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace marvel::federate {

// What a run has told the world of one client, in the sense of (epsilon, delta)-differential
// privacy of whole clients: with or without any one client, every outcome has nearly the same
// probability.
//
// The accountant adds up Renyi divergences (Mironov, CSF 2017) of the Poisson-subsampled Gaussian
// mechanism (Mironov, Talwar, Zhang, arXiv 1908.10530, section 3.3) and turns the sum into epsilon
// by theorem 21 of Balle et al. (arXiv 1905.09982).
//
// A strategy keeps a list of releases, adds a round for each that tells something, and asks for the
// loss of all of them together:
//   add_round(releases, q, z);
//   const double epsilon = privacy_loss(releases, 1e-5).epsilon;
// What is summed are divergences and not epsilons, so 1000 rounds cost far less than 1000 times
// one. Nothing here keeps state, so any thread may call any of it.

// Rounds with the same sampling and noise.
struct Release {
  double sampling_rate = 1;     // q, probability with which each client is asked, (0, 1]
  double noise_multiplier = 0;  // z, standard deviation of the noise over the sensitivity, > 0
  std::uint64_t rounds = 0;
  bool operator==(const Release&) const = default;
};

// Orders alpha at which divergences are added up: 1.1 to 10.9 by 0.1, then 12 to 63.
[[nodiscard]] const std::vector<double>& renyi_orders();

// Renyi divergence of order `alpha` > 1 of one release. Whole orders by the closed sum, others by
// quadrature, which also holds for q >= 0.5, where the series for fractional orders hardly
// converges. Relative error below 1e-9. Without sampling (q = 1) it is alpha / (2 z^2); q <= 0
// tells nothing, z <= 0 everything (infinity).
[[nodiscard]] double renyi_divergence(double sampling_rate, double noise_multiplier, double alpha);

// The epsilon that `divergences` at `orders` give for `delta` in (0, 1); at least 0. The smallest
// over all orders; infinite, of order 0, when none gives a finite one.
struct PrivacyLoss {
  double epsilon = 0;
  double order = 0;  // the one that gives it
};
[[nodiscard]] PrivacyLoss privacy_loss(std::span<const double> orders,
                                       std::span<const double> divergences, double delta);

// Of all `releases` together, at renyi_orders(). Nothing released: 0. Computes all divergences
// anew, for each entry and not for each round.
[[nodiscard]] PrivacyLoss privacy_loss(std::span<const Release> releases, double delta);

// Adds one round to `releases`, to its last entry where the parameters are the same.
void add_round(std::vector<Release>& releases, double sampling_rate, double noise_multiplier);

}  // namespace marvel::federate
