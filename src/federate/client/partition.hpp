#pragma once

#include "federate/client/trainer_options.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace marvel::federate {

// Deals samples to `clients` so that each goes to exactly one: a pure function of its arguments, so
// clients on different machines agree without talking. Returns the indices of client `client` in
// ascending order.
//   kIid        a random permutation dealt out in turn (the first clients get one more)
//   kDirichlet  per label, shares drawn from a symmetric Dirichlet distribution (Hsu, Qi, Brown,
//               arXiv 1909.06335): alpha 100 is nearly IID, 0.1 nearly one label per client. A
//               client may get nothing.
// `client` is in [0, clients), `alpha` above 0. The test set is dealt by the same call with its own
// labels, so with the same Dirichlet shares per label. Costs as much as dealing to all of them.
std::vector<std::uint32_t> deal_samples(std::span<const std::uint8_t> labels, int client,
                                        int clients, Deal deal, double alpha, std::uint64_t seed);

// Of all clients at once: that of client i is what deal_samples gives it.
using Shares = std::vector<std::vector<std::uint32_t>>;
Shares deal_to_all(std::span<const std::uint8_t> labels, int clients, Deal deal, double alpha,
                   std::uint64_t seed);

}  // namespace marvel::federate
