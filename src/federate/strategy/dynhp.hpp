#pragma once

#include <memory>

namespace marvel::federate {

class Strategy;
struct StrategyOptions;

// Federated DynHP (seed, section 4.2): the clients' network loses units while it is learned. The
// seed averages weights that each client has pruned by itself; a weight that one has removed and
// the other has not is halved, and a removed gate comes back, so accuracy dips. Here clients vote:
//   alive    a client counts a unit as alive where its gate was open in at least `threshold` of its
//            training steps
//   vote     the unit stays while the alive clients' share of the weights is `vote` or more (0: any
//            client; 1: all); after `patience` rounds below it, it leaves for good
//   mean     a weight is averaged over the clients for which both of its units are alive, so
//            nothing is halved; gates are averaged over all
//   shrink   what has left is left out of the model, and so of every message
// The weights are examples, or 1 for each with StrategyOptions::uniform. A layer never becomes
// empty: its unit with most votes stays. Where no client has both units of a weight, it keeps its
// old value. A client that does not tell its activity is judged by the gates it sends, by their
// probability of being open.
// A client that says "marvel.dynhp" = true among its metrics is sent the small model and
// "marvel.dynhp.pixels" (the kept inputs, int32 little-endian); every other one is sent the model
// at its first size with zeros, and may answer at that size.
struct DynHpOptions {
  double vote = 0.5;       // [0, 1]
  int patience = 2;        // rounds, >= 1
  double threshold = 0.5;  // (0, 1)
  bool plain = false;      // the seed's way, for comparison: no vote, clients prune alone
};

// Names among settings and metrics (docs/formats/fedl.md).
inline constexpr const char* kDynHpMetric = "marvel.dynhp";
inline constexpr const char* kActivityMetric = "marvel.activity";     // float32, per gate, [0, 1]
inline constexpr const char* kPixelsSetting = "marvel.dynhp.pixels";  // see above
inline constexpr const char* kPruneAloneSetting =
    "marvel.dynhp.alone";  // the threshold, of `plain`

// `options` must be valid. Its moments are not numbers of the model's shape but what has been
// decided: per layer the original positions of what is left, and the rounds in a row in which each
// lost. Which clients can shrink is learned anew after a restart, so the first model they get then
// is the large one. begin() is kInput for a model that gated_layout() refuses.
std::unique_ptr<Strategy> make_dynhp(const StrategyOptions& options);

}  // namespace marvel::federate
