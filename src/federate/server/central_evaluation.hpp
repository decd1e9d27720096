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
// Nothing for models of other kinds. It looks at the number of tensors and their shapes alone:
// weight [out, in] and bias [out] per layer, and with gates also log_alpha [in]. A layer has at
// least one unit and at most 1e9.
[[nodiscard]] std::optional<NetworkShape> network_shape(const Model& model);

// How a trainer is made: the plug-in's MlTrainerApi::make in the program (client/ml_api.hpp), a
// fake in tests. So the server links no LibTorch.
using MakeTrainer = std::function<Result<std::unique_ptr<Trainer>>(const TrainerOptions&)>;

// Measures each new model on data of the server's own. Which network it is, is taken from the first
// model, which clients or --initial bring; so a wrong flag is noticed before any training.
//
// In this order: check_data() before the server listens, prepare() with the first model (as
// Journal::accept), evaluate() after each round (as Journal::evaluate). It owns the trainer and
// with it the data, from prepare() on. Used by one thread at a time; evaluate() takes as long as a
// pass over the data, and the coordinator does nothing else in the meantime.
class CentralEvaluator {
 public:
  // `options.layers` may be empty: any will do. `make` loads the data.
  CentralEvaluator(TrainerOptions options, MakeTrainer make)
      : options_(std::move(options)), make_(std::move(make)) {}

  // Whether there are such data: to be known before anybody waits for a model. Reads the test set
  // and lets it go again. kInput when it is missing or damaged.
  [[nodiscard]] Status check_data() const;
  // kInput when `model` is none that can be measured, has other layers than those that were asked
  // for, or does not fit the data. Other errors are those of making the trainer. Called again, it
  // begins anew.
  Status prepare(const Model& model);
  // After prepare(), for models of the same shape. kInternal without prepare(); otherwise the
  // trainer's errors, such as kInput for a model that does not fit.
  Result<EvaluationReport> evaluate(const Model& model);

 private:
  TrainerOptions options_;
  MakeTrainer make_;
  std::unique_ptr<Trainer> trainer_;
};

// What `trainer` finds of a model on its data. The report has no clients, and an accuracy if the
// trainer tells "accuracy" as a double.
Result<EvaluationReport> evaluate_centrally(Trainer& trainer, const Model& model);

}  // namespace marvel::federate
