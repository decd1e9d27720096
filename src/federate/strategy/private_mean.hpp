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
// PrivacyMode::kServer clips and adds noise here; clients are drawn by secret coins, and a round
// without any update still is a release, of noise alone. PrivacyMode::kClient takes updates that
// say they are private already (update_privacy.hpp) and refuses others with kInput. Both note each
// release in the account, so privacy() tells epsilon so far, and exhausted() looks one round ahead.
// A release is a new model of kServer, and of kClient a round in which a private update has come,
// void or not: the server itself has seen it.
//
// The sum of kServer is kept in double, 8 bytes per parameter, because float32 would blur the clip.
//
// `options.privacy` is set. `random`: none takes the system's at the first round; kClient needs
// none.
std::unique_ptr<Strategy> make_private_mean(const StrategyOptions& options,
                                            const OptimizerOptions& optimizer,
                                            std::unique_ptr<SecretRandom> random = nullptr);

}  // namespace marvel::federate
