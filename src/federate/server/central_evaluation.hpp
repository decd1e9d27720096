#pragma once

#include "federate/client/trainer.hpp"
#include "federate/server/round_report.hpp"

#include <optional>

namespace marvel::federate {

// What the server itself finds of a model on its data; nothing without an evaluator.
Result<std::optional<EvaluationReport>> evaluate_centrally(Trainer* evaluator, const Model& model);

}  // namespace marvel::federate
