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
//
// The metrics say "marvel.dynhp", which tells the server that this client can train a smaller
// model, "loss", and "marvel.activity" with the shares of open gates. "marvel.dynhp.alone" in the
// settings makes the client prune its own model instead, as the seed does. An open gate costs
// lambda times its layer's outputs over the number of training samples. A server that does not
// number its rounds gets no warm-up.
//
// `context` must outlive the trainer; a stop is kUnavailable. LibTorch's exceptions pass through,
// as from make_mlp_trainer(). train_from() is kUnsupported.
Result<std::unique_ptr<Trainer>> make_gated_trainer(const TrainerOptions& options,
                                                    Context& context);

}  // namespace marvel::federate
