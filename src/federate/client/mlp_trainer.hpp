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
//
// Reads the whole data set and keeps this client's share of it. The learned tensors come back in
// the order and shapes of the wire, with "loss", the mean of the last epoch, among the metrics. A
// client whose share is empty gives the model back unchanged. train_from() works. `context` must
// outlive the trainer; its stop flag is looked at before each batch, and a stop is kUnavailable.
// LibTorch's exceptions pass through: the door of the plug-in catches them (client/ml_api.hpp).
Result<std::unique_ptr<Trainer>> make_mlp_trainer(const TrainerOptions& options, Context& context);

}  // namespace marvel::federate
