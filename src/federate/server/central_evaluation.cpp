#include "federate/server/central_evaluation.hpp"

#include "data/dataset.hpp"
#include "federate/strategy/gated_model.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::federate {
namespace {

// Per layer weight [out, in] and bias [out]; the units, or none where it is something else.
std::vector<std::uint64_t> dense_units(const Model& model) {
  std::vector<std::uint64_t> units;
  if (model.empty() || model.size() % 2 != 0) {
    return {};
  }
  for (std::size_t t = 0; t < model.size(); t += 2) {
    const Shape& weight = model[t].shape;
    const bool fits = weight.size() == 2 && model[t + 1].shape == Shape{weight[0]} &&
                      (units.empty() || units.back() == weight[1]);
    if (!fits) {
      return {};
    }
    if (units.empty()) {
      units.push_back(weight[1]);
    }
    units.push_back(weight[0]);
  }
  return units;
}

std::vector<std::uint64_t> gated_units(const Model& model) {
  const auto layout = gated_layout(model);
  if (!layout) {
    return {};
  }
  std::vector<std::uint64_t> units(layout->inputs.begin(), layout->inputs.end());
  units.push_back(layout->outputs);
  return units;
}

}  // namespace

std::optional<NetworkShape> network_shape(const Model& model) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  auto units = gated_units(model);
  const bool gated = !units.empty();
  if (!gated) {
    units = dense_units(model);
  }
  const bool possible =
      std::all_of(units.begin(), units.end(), [](std::uint64_t n) { return n >= 1 && n <= kMost; });
  if (units.empty() || !possible) {
    return std::nullopt;
  }
  return NetworkShape{gated ? "l0mlp" : "mlp", std::vector<int>(units.begin(), units.end())};
}

Status CentralEvaluator::check_data() const {
  auto found = data::load_test_set(options_.data);
  return found ? Status{} : fail(std::move(found.error()));
}

Status CentralEvaluator::prepare(const Model& model) {
  const auto shape = network_shape(model);
  if (!shape) {
    return fail(Errc::kInput, "the server cannot measure this model: it is no perceptron",
                "leave out --evaluate-data; clients measure it");
  }
  if (!options_.layers.empty() && options_.layers != shape->layers) {
    return fail(Errc::kInput,
                fmt::format("the model has the layers {}, not {} as in --layers",
                            fmt::join(shape->layers, ","), fmt::join(options_.layers, ",")),
                "leave out --layers, or give the clients the same");
  }
  TrainerOptions options = options_;
  options.model = shape->model;
  options.layers = shape->layers;
  MARVEL_TRY(trainer_, make_(options));
  return {};
}

Result<EvaluationReport> CentralEvaluator::evaluate(const Model& model) {
  if (!trainer_) {
    return fail(Errc::kInternal, "no model was there to prepare for");
  }
  return evaluate_centrally(*trainer_, model);
}

Result<EvaluationReport> evaluate_centrally(Trainer& trainer, const Model& model) {
  MARVEL_TRY(const Evaluated found, trainer.evaluate(model, {}));
  EvaluationReport report;
  report.examples = static_cast<std::uint64_t>(found.examples);
  report.loss = found.loss;
  if (const auto accuracy = found.metrics.find("accuracy"); accuracy != found.metrics.end()) {
    const auto* value = std::get_if<double>(&accuracy->second);
    report.accuracy = value != nullptr ? std::optional(*value) : std::nullopt;
  }
  return report;
}

}  // namespace marvel::federate
