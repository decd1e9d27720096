#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace marvel::federate {

// What training has made. `model` has the tensors and shapes of the one that came; without examples
// the update has no weight on the server. `metrics` go to the server as they are: "loss",
// "accuracy", "validation_accuracy" and "grad_var" are known there (as doubles), and Conversation
// adds "cid".
struct Trained {
  Model model;
  std::int64_t examples = 0;
  wire::Config metrics;
};

// What a model is worth on the client's own data. `loss` is a mean over the examples, and so is
// "accuracy" (a double, [0, 1]) among the metrics; 0 examples: there was nothing to measure with.
struct Evaluated {
  double loss = 0;
  std::int64_t examples = 0;
  wire::Config metrics;
};

// What a client does with a model; the work between two messages. Called from one thread.
// `config` holds the server's settings, such as "proximal_mu" and "marvel.round".
//
// Built-in ones are in libmarvel_ml.so (client/ml_api.hpp), exec_trainer.hpp has one for a command
// in any language, personal.hpp ones that wrap another. The server's own evaluation is done by a
// trainer, too (server/central_evaluation.hpp).
//
// Calls may come in any order and number: a client may only evaluate, and the same round may be
// trained again. Whether a model fits is for the trainer to say, because the server knows no
// layers. An error ends the client.
class Trainer {
 public:
  Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  virtual ~Trainer() = default;

  // A model to begin with, when the server has none. Clients that are set up alike should offer the
  // same. Wrapping trainers also learn the shapes from it.
  virtual Result<Model> initial() = 0;
  // kInput when the model does not fit; kUnavailable when a stop was asked for. Takes as long as
  // the training; a stop is noticed on the way.
  virtual Result<Trained> train(const Model& global, const wire::Config& config) = 0;
  // The same work from `start`, where "proximal_mu" pulls towards `anchor`. kUnsupported where
  // the trainer cannot tell the two apart.
  virtual Result<Trained> train_from(const Model& /*start*/, const Model& /*anchor*/,
                                     const wire::Config& /*config*/) {
    return fail(Errc::kUnsupported, "this client cannot train a personal model",
                "use --ditto with --data and --model mlp");
  }
  // The name of tensor `index` of the whole model, for people: numpy's, unless there is a better.
  [[nodiscard]] virtual std::string tensor_name(std::size_t index) const {
    return "arr_" + std::to_string(index);
  }
  // Errors as those of train().
  virtual Result<Evaluated> evaluate(const Model& global, const wire::Config& config) = 0;
};

}  // namespace marvel::federate
