#include "federate/client/partition.hpp"
#include "federate/simulate/light_trainer.hpp"
#include "federate/simulate/samples.hpp"
#include "federate/simulate/simulate.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace marvel::federate {
namespace {

std::vector<std::uint32_t> all_of(std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) {
    indices[i] = static_cast<std::uint32_t>(i);
  }
  return indices;
}

}  // namespace

Result<SimulatedPeople> light_people(const SimulateOptions& options) {
  const auto samples =
      static_cast<std::size_t>(options.samples) * static_cast<std::size_t>(options.clients);
  SimulatedData found;
  if (options.data.empty()) {
    found = made_up_data(samples, options.rules.seed);
  } else {
    MARVEL_TRY(found, image_data(options.data));
  }
  const auto data = std::make_shared<const SimulatedData>(std::move(found));
  LightTraining how;
  how.hidden = static_cast<std::size_t>(options.hidden);
  how.epochs = options.epochs;
  how.batch_size = static_cast<std::size_t>(options.batch_size);
  how.lr = static_cast<float>(options.lr);
  how.seed = options.rules.seed;
  const auto shares = [&options](const SampleSet& set) {
    return std::make_shared<const Shares>(
        deal_to_all(set.labels, options.clients, options.deal, options.alpha, options.rules.seed));
  };
  const auto train = shares(data->train);
  SimulatedPeople people;
  people.trainer = [data, how, train,
                    test = shares(data->test)](int client) -> Result<std::unique_ptr<Trainer>> {
    const auto me = static_cast<std::size_t>(client);
    return std::make_unique<LightTrainer>(data, (*train)[me], (*test)[me], how, me);
  };
  people.samples = [train](int client) {
    return static_cast<double>((*train)[static_cast<std::size_t>(client)].size());
  };
  people.evaluator = std::make_unique<LightTrainer>(data, std::vector<std::uint32_t>(),
                                                    all_of(data->test.size()), how, 0);
  return people;
}

}  // namespace marvel::federate
