#pragma once

#include "base/result.hpp"
#include "federate/client/trainer.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace marvel::federate {

// Personalisation: a client keeps a model of its own beside the common one. Both kinds wrap any
// trainer, and the server knows nothing of them.

// Where a client's own part is kept over restarts: an .npz, replaced atomically after each
// training. Empty: it lives as long as the process. An error of writing it is one of train(), and
// the part stays as it was before that round. One process at a time.
using PersonalFile = std::filesystem::path;

// FedPer (Arivazhagan et al., arXiv 1912.00818): tensors whose names match `pattern` (an ECMAScript
// regular expression for the whole name, see Trainer::tensor_name) stay here and are neither sent
// nor received. All clients of a run must keep the same ones. kUsage for a pattern that is none,
// that matches nothing or everything; kInput when `file` does not fit. As in "layer3.*" for the
// last layer of a perceptron, or "arr_4|arr_5" for arrays without names. Where there is no file yet
// the part begins as in initial(). Calls initial() once, which runs a command of --exec.
Result<std::unique_ptr<Trainer>> keep_layers_local(std::unique_ptr<Trainer> inner,
                                                   const std::string& pattern,
                                                   const PersonalFile& file);

// Ditto (Li et al., ICML 2021, arXiv 2012.04221): after each round's work for the common model, a
// personal one is trained from where it was, pulled towards the common model with strength `lambda`
// > 0. Evaluation also tells "personal_loss" and "personal_accuracy". kUnsupported from train()
// when `inner` cannot train towards another model. kUsage for a lambda that is not above 0; kInput
// when `file` does not fit. Each round costs two trainings, and each evaluation two passes over the
// data.
Result<std::unique_ptr<Trainer>> train_personal_too(std::unique_ptr<Trainer> inner, double lambda,
                                                    const PersonalFile& file);

}  // namespace marvel::federate
