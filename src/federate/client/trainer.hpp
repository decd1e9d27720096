#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace marvel::federate {

struct Trained {
  Model model;
  std::int64_t examples = 0;
  wire::Config metrics;
};

struct Evaluated {
  double loss = 0;
  std::int64_t examples = 0;
  wire::Config metrics;
};

// What a client does with a model; the work between two messages. Called from one thread.
// `config` holds the server's settings, such as "proximal_mu" and "marvel.round".
class Trainer {
 public:
  Trainer() = default;
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  virtual ~Trainer() = default;

  // A model to begin with, when the server has none.
  virtual Result<Model> initial() = 0;
  // kInput when the model does not fit; kUnavailable when a stop was asked for.
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
  virtual Result<Evaluated> evaluate(const Model& global, const wire::Config& config) = 0;
};

}  // namespace marvel::federate
