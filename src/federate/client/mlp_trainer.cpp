#include "federate/client/mlp_trainer.hpp"

#include "base/random.hpp"
#include "data/dataset.hpp"
#include "federate/client/partition.hpp"
#include "model/evaluate.hpp"
#include "model/gated_mlp.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kShuffle = 43;  // random stream, beside those of partition.cpp

model::GatedMlp fresh_network(const TrainerOptions& options) {
  const std::vector<double> drop_rates(options.layers.size() - 1, 0.5);
  auto net = model::GatedMlp::make(options.layers, drop_rates, options.seed);
  net.gated = false;  // dense: gates are neither trained nor applied
  return net;
}

Tensor to_tensor(const torch::Tensor& values) {
  const auto plain = values.contiguous();
  Tensor tensor = make_tensor(Dtype::kFloat32, {plain.sizes().begin(), plain.sizes().end()});
  const auto* begin = plain.data_ptr<float>();
  std::copy(begin, begin + plain.numel(), std::get<std::vector<float>>(tensor.values).begin());
  return tensor;
}

Model to_model(const model::GatedMlp& net) {
  Model result;
  for (const auto& layer : net.layers) {
    result.push_back(to_tensor(layer.weight.value.t()));  // [in, out] -> [out, in]
    result.push_back(to_tensor(layer.bias.value));
  }
  return result;
}

Result<torch::Tensor> to_torch(const Tensor& tensor, c10::IntArrayRef wanted, std::size_t index) {
  const std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
  if (c10::IntArrayRef(shape) != wanted || !held_as_float(tensor.dtype)) {
    return fail(Errc::kInput,
                fmt::format("the server's tensor {} is {} {} and does not fit --layers", index,
                            dtype_name(tensor.dtype), shape_text(tensor.shape)),
                "give all clients and --initial the same --layers");
  }
  const auto& values = std::get<std::vector<float>>(tensor.values);
  auto result = torch::empty(wanted);
  std::copy(values.begin(), values.end(), result.data_ptr<float>());
  return result;
}

// Puts the model into the network, with Adam's moments at zero.
Status load(const Model& from, model::GatedMlp& net) {
  if (from.size() != 2 * net.layers.size()) {
    return fail(Errc::kInput, fmt::format("the server's model has {} tensors, --layers needs {}",
                                          from.size(), 2 * net.layers.size()));
  }
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    auto& layer = net.layers[l];
    MARVEL_TRY(const auto weight, to_torch(from[2 * l], {layer.out(), layer.in()}, 2 * l));
    MARVEL_TRY(const auto bias, to_torch(from[2 * l + 1], {layer.out()}, 2 * l + 1));
    layer.weight = model::Parameter::from(weight.t().contiguous());
    layer.bias = model::Parameter::from(bias);
  }
  return {};
}

void pull(model::Parameter& parameter, const torch::Tensor& anchor, double share) {
  parameter.value.lerp_(anchor, share);
  parameter.average.copy_(parameter.value);
}

double proximal_mu(const wire::Config& config) {
  const auto found = config.find("proximal_mu");
  const auto* mu = found == config.end() ? nullptr : std::get_if<double>(&found->second);
  return mu != nullptr ? std::max(0.0, *mu) : 0;
}

std::uint64_t round_of(const wire::Config& config) {
  const auto found = config.find("marvel.round");
  const auto* round = found == config.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return round != nullptr ? static_cast<std::uint64_t>(*round) : 0;
}

class MlpTrainer : public Trainer {
 public:
  MlpTrainer(TrainerOptions options, const data::Dataset& data, Context& context)
      : options_(std::move(options)),
        context_(context),
        source_(data.train, share(data.train), {}),
        test_(data.test, share(data.test), {}),
        net_(fresh_network(options_)) {}

  Result<Model> initial() override { return to_model(fresh_network(options_)); }

  Result<Trained> train(const Model& global, const wire::Config& config) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY_STATUS(load(global, net_));
    anchor_ = net_;
    for (auto& layer : anchor_.layers) {
      layer.weight.value = layer.weight.value.clone();
      layer.bias.value = layer.bias.value.clone();
    }
    Trained trained;
    trained.examples = static_cast<std::int64_t>(source_.size());
    if (source_.size() > 0) {
      MARVEL_TRY(const double loss, train_epochs(config));
      trained.metrics["loss"] = loss;
    }
    trained.model = to_model(net_);
    return trained;
  }

  Result<Evaluated> evaluate(const Model& global, const wire::Config& /*config*/) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY_STATUS(load(global, net_));
    Evaluated result;
    result.examples = static_cast<std::int64_t>(test_.size());
    if (test_.size() == 0) {
      return result;
    }
    const auto logits =
        model::predict(net_, test_, test_.plain_variant(), model::Weights::kCurrent);
    std::vector<std::int64_t> labels;
    for (std::uint32_t i = 0; i < test_.size(); ++i) {
      labels.push_back(test_.label(i));
    }
    result.loss =
        torch::nn::functional::cross_entropy(logits, torch::tensor(labels)).item<double>();
    result.metrics["accuracy"] = 1 - model::error_percent(logits, test_) / 100;
    return result;
  }

 private:
  [[nodiscard]] std::vector<std::uint32_t> share(const data::ImageSet& set) const {
    return deal_samples(set.labels, options_.client, options_.clients, options_.deal,
                        options_.alpha, options_.seed);
  }

  // The mean loss of the last epoch.
  Result<double> train_epochs(const wire::Config& config) {
    const model::SoftTargets no_teacher;
    const auto step = model::make_cpu_step(net_, source_, no_teacher, options_.threads);
    const std::vector<double> no_price(net_.layers.size());
    model::StepInput input;
    input.lr = options_.lr;
    input.average_decay = 0;
    input.gate_price = no_price;
    input.adam_time = 0;
    const double pull_share = options_.lr * proximal_mu(config);
    double loss = 0;
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      const auto key = stream_key(
          options_.seed, kShuffle, round_of(config),
          static_cast<std::uint64_t>(epoch) << 32U | static_cast<std::uint64_t>(options_.client));
      MARVEL_TRY(loss, train_epoch(*step, input, key, pull_share));
    }
    return loss;
  }

  Result<double> train_epoch(model::TrainingStep& step, model::StepInput& input, std::uint64_t key,
                             double pull_share) {
    std::vector<std::uint32_t> order(source_.size());
    random_permutation(key, order);
    double sum = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += batch()) {
      if (context_.stop.raised()) {
        return fail(Errc::kUnavailable, "stopped");
      }
      input.samples = std::span(order).subspan(begin, std::min(batch(), order.size() - begin));
      ++input.adam_time;
      const auto result = step.run(input);
      if (!result.finite) {
        return fail(Errc::kFailed, "the loss became NaN or infinite", "try a smaller --lr");
      }
      pull_back(pull_share);
      sum += result.loss * static_cast<double>(input.samples.size());
    }
    return sum / static_cast<double>(order.size());
  }

  void pull_back(double share) {
    for (std::size_t l = 0; share > 0 && l < net_.layers.size(); ++l) {
      pull(net_.layers[l].weight, anchor_.layers[l].weight.value, share);
      pull(net_.layers[l].bias, anchor_.layers[l].bias.value, share);
    }
  }

  [[nodiscard]] std::size_t batch() const { return static_cast<std::size_t>(options_.batch_size); }

  TrainerOptions options_;
  Context& context_;
  model::BatchSource source_;
  model::BatchSource test_;
  model::GatedMlp net_;
  model::GatedMlp anchor_;  // the round's global model, for FedProx
};

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

Result<std::unique_ptr<Trainer>> make_mlp_trainer(const TrainerOptions& options, Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(const data::Dataset data, data::load_dataset(options.data));
  MARVEL_TRY_STATUS(check_data(options, data));
  TrainerOptions known = options;
  if (known.threads == 0) {
    known.threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 2U));
  }
  model::use_threads(known.threads);
  return std::unique_ptr<Trainer>(std::make_unique<MlpTrainer>(known, data, context));
}

}  // namespace marvel::federate
