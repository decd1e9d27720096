#include "federate/server/central_evaluation.hpp"

#include <variant>

namespace marvel::federate {

Result<std::optional<EvaluationReport>> evaluate_centrally(Trainer* evaluator, const Model& model) {
  if (evaluator == nullptr) {
    return std::optional<EvaluationReport>();
  }
  MARVEL_TRY(const Evaluated found, evaluator->evaluate(model, {}));
  EvaluationReport report;
  report.examples = static_cast<std::uint64_t>(found.examples);
  report.loss = found.loss;
  if (const auto accuracy = found.metrics.find("accuracy"); accuracy != found.metrics.end()) {
    const auto* value = std::get_if<double>(&accuracy->second);
    report.accuracy = value != nullptr ? std::optional(*value) : std::nullopt;
  }
  return std::optional(report);
}

}  // namespace marvel::federate
