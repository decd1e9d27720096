#include "federate/client/partition.hpp"
#include "federate/simulate/light_trainer.hpp"
#include "federate/simulate/samples.hpp"
#include "federate/simulate/simulate.hpp"

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
  const auto share = [options, data](const SampleSet& set, int client) {
    return deal_samples(set.labels, client, options.clients, options.deal, options.alpha,
                        options.rules.seed);
  };
  SimulatedPeople people;
  people.trainer = [data, how, share](int client) -> Result<std::unique_ptr<Trainer>> {
    return std::make_unique<LightTrainer>(data, share(data->train, client),
                                          share(data->test, client), how,
                                          static_cast<std::uint64_t>(client));
  };
  people.samples = [data, share](int client) {
    return static_cast<double>(share(data->train, client).size());
  };
  people.evaluator = std::make_unique<LightTrainer>(data, std::vector<std::uint32_t>(),
                                                    all_of(data->test.size()), how, 0);
  return people;
}

}  // namespace marvel::federate
