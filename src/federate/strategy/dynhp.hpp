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
//   nothing
//            is halved; gates are averaged over all
//   shrink   what has left is left out of the model, and so of every message
// A client that says "marvel.dynhp" = true among its metrics is sent the small model and
// "marvel.dynhp.pixels" (the kept inputs, int32 little-endian); every other one is sent the model
// at its first size with zeros.
struct DynHpOptions {
  double vote = 0.5;       // [0, 1]
  int patience = 2;        // rounds, >= 1
  double threshold = 0.5;  // (0, 1)
  bool plain = false;      // the seed's way, for comparison: no vote, clients prune alone
};

inline constexpr const char* kDynHpMetric = "marvel.dynhp";
inline constexpr const char* kActivityMetric = "marvel.activity";     // float32, per gate, [0, 1]
inline constexpr const char* kPixelsSetting = "marvel.dynhp.pixels";  // see above
inline constexpr const char* kPruneAloneSetting =
    "marvel.dynhp.alone";  // the threshold, of `plain`

std::unique_ptr<Strategy> make_dynhp(const StrategyOptions& options);

}  // namespace marvel::federate
