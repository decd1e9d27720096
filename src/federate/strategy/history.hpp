#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace marvel::federate {

// What the server remembers of a client over rounds and restarts; NUS scores from it. The key of a
// history is the client's name (--cid), or its address where it gives none.
//
// The coordinator writes them and checkpoints keep them; strategies only read. A client without one
// is treated as if it had the defaults below. Loss and accuracy are the client's own word.
struct ClientHistory {
  std::uint64_t examples = 0;           // of its last update; 0: not known yet
  double availability = 1;              // running mean of "connected when a round began", [0, 1]
  double response = 1;                  // running mean of "answered when asked", [0, 1]
  std::uint64_t selected = 0;           // rounds in which it was asked
  std::uint64_t merged = 0;             // rounds whose model holds an update of it
  std::uint64_t refused = 0;            // updates that did not fit
  std::uint64_t last_merged = 0;        // round, from 1; 0: never
  std::optional<double> loss;           // last training or evaluation loss it told
  std::optional<double> accuracy;       // last accuracy it told, [0, 1]
  std::optional<double> update_norm;    // running mean of |update|_2 / sqrt(parameters)
  std::optional<double> norm_variance;  // running variance of the same, or what it told
};

using Histories = std::map<std::string, ClientHistory>;

// A running mean: old + beta (value - old). Seed and fedl use beta = 0.2, so about half of it is
// from the last three values.
inline constexpr double kHistoryRate = 0.2;
[[nodiscard]] constexpr double running_mean(double old, double value) {
  return old + kHistoryRate * (value - old);
}

// Takes note of an update's norm: the first one starts the mean, later ones move both. Norms that
// are not finite are left out. The variance is the exponentially weighted one of Finch,
// "Incremental calculation of weighted mean and variance" (2009), section 9.
void note_update_norm(ClientHistory& history, double norm);

}  // namespace marvel::federate
