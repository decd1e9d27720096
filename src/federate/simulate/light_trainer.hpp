#pragma once

#include "federate/client/trainer.hpp"
#include "federate/simulate/samples.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace marvel::federate {

// How a simulated client trains; the same for all of them but for their data.
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
// model: it takes the round from the setting "marvel.round" (0 without) and the pull from
// "proximal_mu". Nothing is kept from one call to the next, so a client that left and came back
// does what it would have done. Tensors are weight and bias of the first layer, then of the second;
// all float32.
class LightTrainer : public Trainer {
 public:
  // Its share: indices into data->train and data->test, either of which may be empty. The data are
  // shared by all clients. `client` is a number of its own, by which its shuffles differ from the
  // others'.
  LightTrainer(std::shared_ptr<const SimulatedData> data, std::vector<std::uint32_t> train,
               std::vector<std::uint32_t> test, const LightTraining& how, std::uint64_t client);

  // The same for all clients of a seed: weights normal with variance 2 / inputs (He et al. 2015),
  // biases 0.
  Result<Model> initial() override;
  // kInput for a model of another shape; kFailed when the loss is not finite. The metric "loss" is
  // the mean of the last epoch; without samples there is none, and the model comes back as it went.
  Result<Trained> train(const Model& global, const wire::Config& config) override;
  // On its test samples: mean loss, and "accuracy" among the metrics. kInput as above.
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
