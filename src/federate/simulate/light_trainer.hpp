#pragma once

#include "federate/client/trainer.hpp"
#include "federate/simulate/samples.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace marvel::federate {

// How a simulated client trains.
struct LightTraining {
  std::size_t hidden = 32;  // units; 0: a softmax regression
  int epochs = 1;
  std::size_t batch_size = 16;
  float lr = 0.05F;
  std::uint64_t seed = 1;
};

// A small perceptron in plain C++, for hundreds of clients in one process: weight [out, in] and
// bias [out] per layer, ReLU, softmax cross-entropy, stochastic gradient descent, and FedProx's
// pull where the server asks for it. What it does is a pure function of seed, client, round and
// model.
class LightTrainer : public Trainer {
 public:
  // Its share: indices into data->train and data->test.
  LightTrainer(std::shared_ptr<const SimulatedData> data, std::vector<std::uint32_t> train,
               std::vector<std::uint32_t> test, const LightTraining& how, std::uint64_t client);

  // The same for all clients of a seed.
  Result<Model> initial() override;
  // kInput for a model of another shape; kFailed when the loss is not finite.
  Result<Trained> train(const Model& global, const wire::Config& config) override;
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override;

 private:
  [[nodiscard]] std::vector<std::size_t> layers() const;  // units, input first
  [[nodiscard]] Status check(const Model& model) const;

  std::shared_ptr<const SimulatedData> data_;
  std::vector<std::uint32_t> train_;
  std::vector<std::uint32_t> test_;
  LightTraining how_;
  std::uint64_t client_;
};

}  // namespace marvel::federate
