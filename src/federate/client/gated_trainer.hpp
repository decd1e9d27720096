#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/trainer_options.hpp"

#include <memory>

namespace marvel::federate {

// The gated perceptron of `marvel compress train` (L0 regularisation) on this client's share of a
// data set, for federated DynHP. The model on the wire is, per layer, weight [out, in], bias [out]
// and log_alpha [in], in whatever size the server has it by now; "marvel.dynhp.pixels" says which
// inputs are left (strategy/dynhp.hpp). Sent back: averaged weights, and per gate the share of the
// last epoch's steps in which it was open.
//
// Gates rest open and have no price in the first `warmup_rounds` rounds. Each round starts Adam
// afresh. Evaluation is with test gates, on this client's part of the test set.
//
// kInput when data, layers and the server's model do not fit; kFailed when the loss is no longer
// finite.
Result<std::unique_ptr<Trainer>> make_gated_trainer(const TrainerOptions& options,
                                                    Context& context);

}  // namespace marvel::federate
