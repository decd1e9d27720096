#pragma once

#include "federate/client/trainer.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/server/round_report.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace marvel::federate {

// A perceptron as its tensors show it.
struct NetworkShape {
  std::string model;        // "mlp" or "l0mlp", as TrainerOptions has it
  std::vector<int> layers;  // units from input to output
};
// Nothing for models of other kinds.
[[nodiscard]] std::optional<NetworkShape> network_shape(const Model& model);

using MakeTrainer = std::function<Result<std::unique_ptr<Trainer>>(const TrainerOptions&)>;

// Measures each new model on data of the server's own. Which network it is, is taken from the first
// model, which clients or --initial bring; so a wrong flag is noticed before any training.
class CentralEvaluator {
 public:
  // `options.layers` may be empty: any will do. `make` loads the data.
  CentralEvaluator(TrainerOptions options, MakeTrainer make)
      : options_(std::move(options)), make_(std::move(make)) {}

  // Whether there are such data: to be known before anybody waits for a model.
  [[nodiscard]] Status check_data() const;
  // kInput when `model` is none that can be measured, has other layers than those that were asked
  // for, or does not fit the data.
  Status prepare(const Model& model);
  // After prepare(), for models of the same shape.
  Result<EvaluationReport> evaluate(const Model& model);

 private:
  TrainerOptions options_;
  MakeTrainer make_;
  std::unique_ptr<Trainer> trainer_;
};

// What `trainer` finds of a model on its data.
Result<EvaluationReport> evaluate_centrally(Trainer& trainer, const Model& model);

}  // namespace marvel::federate
