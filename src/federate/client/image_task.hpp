#pragma once

#include "base/result.hpp"
#include "data/dataset.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/trainer_options.hpp"
#include "model/batch_source.hpp"
#include "model/gated_mlp.hpp"

#include <cstdint>
#include <vector>

namespace marvel::federate {

// What the built-in trainers share: images with labels, dealt to clients, and a perceptron.

struct ImageTask {
  TrainerOptions options;  // every open question answered
  data::Dataset data;      // of all clients
};
// Reads the data and sets LibTorch's threads. kUsage, kInput: impossible options, damaged data, or
// data and layers that do not fit.
Result<ImageTask> open_image_task(const TrainerOptions& options);

// This client's samples.
std::vector<std::uint32_t> share_of(const data::ImageSet& set, const TrainerOptions& options);

// Its training samples, part of which it keeps back where --validation says so: the same part in
// every round. Both ascending.
struct TrainingShare {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};
TrainingShare training_share_of(const data::ImageSet& set, const TrainerOptions& options);

// Where samples were kept back: tells "accuracy" on the ones that were trained on, and
// "validation_accuracy" and "validation_loss" on the others.
void tell_accuracies(wire::Config& metrics, const model::GatedMlp& net,
                     const model::BatchSource& train, const model::BatchSource& validation);

// Loss, accuracy and number of examples on `samples`, with the network's current weights.
Evaluated evaluate_network(const model::GatedMlp& net, const model::BatchSource& samples);

// "marvel.round" of the server's settings; 0 where there is none.
std::uint64_t round_of(const wire::Config& config);

}  // namespace marvel::federate
