#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace marvel::compress {

// Hard pruning, MARVEL D3.2 section 4.1.1.2: the activation rate of a unit is the share of an
// epoch's gate draws in which its gate was open; units below the threshold leave for good.
//
// After an epoch: active_positions() for each layer, and with a target then trim_to() on what is
// left. The results go to GatedMlp::keep_inputs. Positions are those in the network as it stands,
// not original indices. Both functions are pure and know nothing of LibTorch.

// Positions with open / steps >= threshold, in order. Never empty: if no unit is active enough, the
// most active one stays, the first of equals. `open` has one count per position, and at least one.
std::vector<std::int32_t> active_positions(std::span<const std::uint32_t> open, std::uint64_t steps,
                                           double threshold);

// Shrinks a network's units to at most `most_parameters` weights and biases. The next unit to go is
// the one with the lowest activation rate divided by its layer's share of units that are left:
// where the gates do not tell units apart, all layers shrink alike.
//   keep[l] : positions of layer l's inputs that are still in, updated
//   rate[l] : activation rate of each position, [0, 1]
//   dense   : units per layer of the dense network, outputs included; outputs never leave
// Stops early when one unit per layer is left. For each unit that goes it looks at all that are in.
void trim_to(std::uint64_t most_parameters, const std::vector<std::vector<double>>& rate,
             std::span<const int> dense, std::vector<std::vector<std::int32_t>>* keep);

}  // namespace marvel::compress
