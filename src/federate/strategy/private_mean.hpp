#pragma once

#include "federate/privacy/noise.hpp"
#include "federate/strategy/strategy.hpp"

#include <memory>

namespace marvel::federate {

// The mean of clipped updates with noise (McMahan et al., "Learning Differentially Private
// Recurrent Language Models", ICLR 2018, arXiv 1710.06963; see PrivacyOptions for the two modes),
// and the step of the server's optimiser towards it. Every client counts the same: weights by
// examples would let one move the sum by more than the clip.
//
// `options.privacy` is set. `random`: none takes the system's at the first round.
std::unique_ptr<Strategy> make_private_mean(const StrategyOptions& options,
                                            const OptimizerOptions& optimizer,
                                            std::unique_ptr<SecretRandom> random = nullptr);

}  // namespace marvel::federate
