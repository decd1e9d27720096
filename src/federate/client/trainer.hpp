#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/wire/message.hpp"

#include <cstdint>

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
  virtual Result<Evaluated> evaluate(const Model& global, const wire::Config& config) = 0;
};

}  // namespace marvel::federate
