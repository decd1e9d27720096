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
// training. Empty: it lives as long as the process.
using PersonalFile = std::filesystem::path;

// FedPer (Arivazhagan et al., arXiv 1912.00818): tensors whose names match `pattern` (an ECMAScript
// regular expression for the whole name, see Trainer::tensor_name) stay here and are neither sent
// nor received. All clients of a run must keep the same ones. kUsage for a pattern that is none,
// that matches nothing or everything; kInput when `file` does not fit.
Result<std::unique_ptr<Trainer>> keep_layers_local(std::unique_ptr<Trainer> inner,
                                                   const std::string& pattern,
                                                   const PersonalFile& file);

// Ditto (Li et al., ICML 2021, arXiv 2012.04221): after each round's work for the common model, a
// personal one is trained from where it was, pulled towards the common model with strength
// `lambda` > 0. Evaluation also tells "personal_loss" and "personal_accuracy". kUnsupported from
// train() when `inner` cannot train towards another model.
Result<std::unique_ptr<Trainer>> train_personal_too(std::unique_ptr<Trainer> inner, double lambda,
                                                    const PersonalFile& file);

}  // namespace marvel::federate
