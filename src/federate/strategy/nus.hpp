#pragma once

#include "federate/strategy/history.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace marvel::federate {

// NUS, non-uniform sampling of clients (seed, section 2.4.3: ask only valuable clients, judged by
// number of data points, accuracy, gradient variance, availability and merging history). The seed
// gives no formula; this one rests on optimal client sampling (Chen, Horvath, Richtarik, TMLR 2022,
// arXiv 2010.13723): probabilities proportional to weight times norm of the update minimise the
// variance of the unbiased estimate.
//
// A draw is three steps, each a pure function that a test can look at alone:
//   nus_factors(present, histories, ...)         what each client is worth, and why
//   inclusion_probabilities(scores, wanted, ..)  p_i, proportional to the scores within limits
//   systematic_sample(p, key)                    who is drawn
// The update of a drawn client then counts times correction(p_i, its response), so that the mean
// over all possible draws is that of all clients.

// When the server draws, and what it knows then (docs/user/fedl.md).
enum class NusMode {
  kPre,    // from the history; only the drawn get the model
  kProbe,  // clients first tell the loss of the model as it is, then as kPre
  kPost,   // all train and tell the size of their update; the drawn send it
};
// How the coins fall: exactly the wanted number, or each client by itself (see the functions
// below).
enum class NusSampling { kSystematic, kPoisson };
// Whose mean update the step estimates. Of all registered clients, those that are away count as
// unchanged, so the step is the shorter the more of them are away.
enum class NusWeights { kPresent, kRegistered };
// What a client is judged by.
enum class NusFeatures {
  kAll,
  kAvailability,  // how rarely it is there and how long ago it was merged: nothing of its data
  kNone,          // all alike
};

struct NusOptions {
  NusMode mode = NusMode::kPre;
  NusSampling sampling = NusSampling::kSystematic;
  NusFeatures features = NusFeatures::kAll;
  NusWeights weights = NusWeights::kPresent;
  std::size_t probes = 0;         // kProbe: clients asked per round, in turn; 0: all
  double min_probability = 0.05;  // of every client that is there, so that nobody is forgotten
  double clip = 10;               // largest 1 / (probability * response) of an update's weight
  double loss = 0.5;              // strength of the factors below; 0 turns one off
  double variance = 0.25;
  double staleness = 0.5;
  // Remember on disk what each client changed last, so that a draw tells only what is new
  // (nus_strategy.hpp). The step is then over all registered clients, whatever `weights` is.
  bool memory = false;
  bool hajek = false;  // always divide by the sum of weights: less variance, a slight bias
};

// Why a client has its probability; the product of the six is the score. With kAvailability the
// score is staleness times rarity, with kNone it is 1, and what is left out of account stands as 1.
struct NusFactors {
  std::string client;
  double weight = 0;  // its share of all registered clients' examples
  // Running mean of its updates' norm, with memory of what was new in them; the median of the known
  // if unknown.
  double norm = 0;
  double loss = 1;       // 1 + k max(0, z(loss)), z the standard score among those present
  double variance = 1;   // 1 + k max(0, z(variance of the norm))
  double staleness = 1;  // 1 + k min(1, rounds since its last merge / S), S = 2 present / wanted
  double rarity = 1;     // kAvailability: 1 / max(0.2, availability)
  double score = 0;
  double probability = 1;  // of being drawn
  // For the log alone:
  double availability = 1;        // it acts through who is present and through staleness
  double response = 1;            // it divides the weight in the mean
  double correction = 1;          // times its examples: the weight of its update in the sum
  std::uint64_t since_merge = 0;  // rounds since its last merge, which staleness is made of
  std::uint64_t draw = 1;         // of the round: others are asked when answers are missing
};

// 1 / (probability * max(0.2, response)): undoes the draw's preference, before it is clipped. For
// hardly ever answering a client counts five times at most.
[[nodiscard]] double correction(double probability, double response);

// How much more a client that is seldom there is worth when it is: 1 / max(0.2, availability), from
// 1 to 5.
[[nodiscard]] double rarity(double availability);

// One row per client of `present`, in its order, without `probability`. `round` is the one to come,
// from 1. In kPost histories hold the size of the very updates, so the factors that stand in for it
// (loss, variance, staleness) are 1.
std::vector<NusFactors> nus_factors(std::span<const std::string> present,
                                    const Histories& histories, std::uint64_t round,
                                    std::size_t wanted, const NusOptions& options);

// p_i = min(1, max(floor, lambda q_i)) with sum p_i = wanted: without the floor the minimum of
// sum q_i^2 (1 / p_i - 1) under these constraints. All 1 where `wanted` is everybody; the floor is
// lowered to wanted / clients where it is higher. Scores must not be negative; one that is not
// finite counts as 0. lambda is found by bisection, in 200 passes over the scores.
std::vector<double> inclusion_probabilities(std::span<const double> scores, double wanted,
                                            double floor);

// Systematic sampling on a random order: client i is drawn with probability exactly p_i, and their
// number is sum p_i (rounded up or down). Returns positions in ascending order; a pure function of
// `key`.
std::vector<std::size_t> systematic_sample(std::span<const double> probabilities,
                                           std::uint64_t key);
// Poisson sampling: a coin for each, so that any number may be drawn, none included.
std::vector<std::size_t> poisson_sample(std::span<const double> probabilities, std::uint64_t key);

}  // namespace marvel::federate
