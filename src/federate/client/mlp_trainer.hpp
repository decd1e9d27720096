#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/trainer_options.hpp"

#include <memory>

namespace marvel::federate {

// The dense perceptron of `marvel compress train` on this client's share of a data set. The model
// on the wire is, per layer, weight [out, in] and bias [out], float32: the order and shapes of
// torch.nn.Linear's state_dict.
//
// Each round starts Adam afresh. "proximal_mu" in the server's settings (FedProx, Li et al., MLSys
// 2020) pulls the weights back by lr * mu * (y - x) after each step: decoupled from Adam as weight
// decay is in Loshchilov and Hutter (arXiv 1711.05101). Evaluation is on this client's part of
// the test set.
//
// kInput when data and layers do not fit; kFailed when the loss is no longer finite.
Result<std::unique_ptr<Trainer>> make_mlp_trainer(const TrainerOptions& options, Context& context);

}  // namespace marvel::federate
