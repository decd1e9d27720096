#include "federate/client/image_task.hpp"

#include "base/random.hpp"
#include "federate/client/partition.hpp"
#include "model/evaluate.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

Status check_data(const TrainerOptions& options, const data::Dataset& data) {
  const auto pixels = static_cast<int>(data.train.image_bytes());
  if (pixels != options.layers.front()) {
    return fail(Errc::kInput,
                fmt::format("the network has {} inputs, but the images of '{}' have {} pixels",
                            options.layers.front(), data.name, pixels),
                fmt::format("begin --layers with {}", pixels));
  }
  MARVEL_TRY_STATUS(data::check_labels(data.train, options.layers.back(), "training"));
  return data::check_labels(data.test, options.layers.back(), "test");
}

}  // namespace

Result<ImageTask> open_image_task(const TrainerOptions& options) {
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(data::Dataset data, data::load_dataset(options.data));
  MARVEL_TRY_STATUS(check_data(options, data));
  TrainerOptions known = options;
  if (known.threads == 0) {
    const auto here = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 2U));
    known.threads = std::min(here, model::most_threads());
  }
  MARVEL_TRY_STATUS(model::check_threads(known.threads));
  model::use_threads(known.threads);
  return ImageTask{std::move(known), std::move(data)};
}

std::vector<std::uint32_t> share_of(const data::ImageSet& set, const TrainerOptions& options) {
  return deal_samples(set.labels, options.client, options.clients, options.deal, options.alpha,
                      options.seed);
}

TrainingShare training_share_of(const data::ImageSet& set, const TrainerOptions& options) {
  constexpr std::uint64_t kKeptBack = 46;  // random stream, beside those of the trainers
  const auto all = share_of(set, options);
  std::vector<std::uint32_t> order(all.size());
  random_permutation(
      stream_key(options.seed, kKeptBack, static_cast<std::uint64_t>(options.client)), order);
  const auto kept = static_cast<std::size_t>(options.validation * static_cast<double>(all.size()));
  TrainingShare share;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (i < kept ? share.validation : share.train).push_back(all[order[i]]);
  }
  std::sort(share.train.begin(), share.train.end());
  std::sort(share.validation.begin(), share.validation.end());
  return share;
}

void tell_accuracies(wire::Config& metrics, const model::GatedMlp& net,
                     const model::BatchSource& train, const model::BatchSource& validation) {
  if (validation.size() == 0) {
    return;
  }
  if (train.size() > 0) {
    metrics["accuracy"] = evaluate_network(net, train).metrics.at("accuracy");
  }
  const Evaluated kept_back = evaluate_network(net, validation);
  metrics["validation_accuracy"] = kept_back.metrics.at("accuracy");
  metrics["validation_loss"] = kept_back.loss;
}

Evaluated evaluate_network(const model::GatedMlp& net, const model::BatchSource& samples) {
  Evaluated result;
  result.examples = static_cast<std::int64_t>(samples.size());
  if (samples.size() == 0) {
    return result;
  }
  const auto logits =
      model::predict(net, samples, samples.plain_variant(), model::Weights::kCurrent);
  std::vector<std::int64_t> labels;
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    labels.push_back(samples.label(i));
  }
  result.loss = torch::nn::functional::cross_entropy(logits, torch::tensor(labels)).item<double>();
  result.metrics["accuracy"] = 1 - model::error_percent(logits, samples) / 100;
  return result;
}

std::uint64_t round_of(const wire::Config& config) {
  const auto found = config.find("marvel.round");
  const auto* round = found == config.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return round != nullptr ? static_cast<std::uint64_t>(*round) : 0;
}

}  // namespace marvel::federate
