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

// What the built-in trainers share: images with labels, dealt to clients, and a perceptron. A
// trainer opens the task once, takes its samples (training_share_of, and share_of for the test set)
// into batch sources, and measures with evaluate_network() and tell_accuracies(). For one thread,
// under a torch::NoGradGuard.

// The data are whole: who has taken its share may let them go.
struct ImageTask {
  TrainerOptions options;  // every open question answered
  data::Dataset data;      // of all clients
};
// Reads the data and sets LibTorch's threads. kUsage, kInput: impossible options, damaged data, or
// data and layers that do not fit. The number of threads is the process's, so the last task that
// was opened has it.
Result<ImageTask> open_image_task(const TrainerOptions& options);

// This client's samples. Indices into `set`, ascending (deal_samples in partition.hpp). Works for
// training and test sets alike, each dealt by itself.
std::vector<std::uint32_t> share_of(const data::ImageSet& set, const TrainerOptions& options);

// Its training samples, part of which it keeps back where --validation says so: the same part in
// every round. Both ascending. Rounded down, so that a small share keeps nothing back rather than
// too much.
struct TrainingShare {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};
TrainingShare training_share_of(const data::ImageSet& set, const TrainerOptions& options);

// Where samples were kept back: tells "accuracy" on the ones that were trained on, and
// "validation_accuracy" and "validation_loss" on the others. Costs a pass over each. Without
// samples to measure with it does nothing.
void tell_accuracies(wire::Config& metrics, const model::GatedMlp& net,
                     const model::BatchSource& train, const model::BatchSource& validation);

// Loss, accuracy and number of examples on `samples`, with the network's current weights. The loss
// is the mean cross-entropy; "accuracy" is among the metrics unless there are no samples.
Evaluated evaluate_network(const model::GatedMlp& net, const model::BatchSource& samples);

// "marvel.round" of the server's settings; 0 where there is none. Numbers of another type than
// std::int64_t count as none.
std::uint64_t round_of(const wire::Config& config);

}  // namespace marvel::federate
