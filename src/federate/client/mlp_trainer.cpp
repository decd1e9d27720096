#include "federate/client/mlp_trainer.hpp"

#include "base/random.hpp"
#include "federate/client/image_task.hpp"
#include "federate/client/torch_arrays.hpp"
#include "model/gated_mlp.hpp"
#include "model/training_step.hpp"

#include <algorithm>
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

Model to_model(const model::GatedMlp& net) {
  Model result;
  for (const auto& layer : net.layers) {
    result.push_back(to_tensor(layer.weight.value.t()));  // [in, out] -> [out, in]
    result.push_back(to_tensor(layer.bias.value));
  }
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

class MlpTrainer : public Trainer {
 public:
  MlpTrainer(TrainerOptions options, const data::Dataset& data, Context& context)
      : options_(std::move(options)),
        context_(context),
        share_(training_share_of(data.train, options_)),
        source_(data.train, share_.train, {}),
        validation_(data.train, share_.validation, {}),
        test_(data.test, share_of(data.test, options_), {}),
        net_(fresh_network(options_)),
        anchor_(fresh_network(options_)) {}

  Result<Model> initial() override { return to_model(fresh_network(options_)); }

  Result<Trained> train(const Model& global, const wire::Config& config) override {
    return train_from(global, global, config);
  }

  Result<Trained> train_from(const Model& start, const Model& anchor,
                             const wire::Config& config) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY_STATUS(load(start, net_));
    MARVEL_TRY_STATUS(load(anchor, anchor_));
    Trained trained;
    trained.examples = static_cast<std::int64_t>(source_.size());
    if (source_.size() > 0) {
      MARVEL_TRY(const double loss, train_epochs(config));
      trained.metrics["loss"] = loss;
      tell_accuracies(trained.metrics, net_, source_, validation_);
    }
    trained.model = to_model(net_);
    return trained;
  }

  [[nodiscard]] std::string tensor_name(std::size_t index) const override {
    return fmt::format("layer{}.{}", index / 2 + 1, index % 2 == 0 ? "weight" : "bias");
  }

  Result<Evaluated> evaluate(const Model& global, const wire::Config& /*config*/) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY_STATUS(load(global, net_));
    return evaluate_network(net_, test_);
  }

 private:
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
  TrainingShare share_;
  model::BatchSource source_;
  model::BatchSource validation_;
  model::BatchSource test_;
  model::GatedMlp net_;
  model::GatedMlp anchor_;  // where FedProx and Ditto pull to
};

}  // namespace

Result<std::unique_ptr<Trainer>> make_mlp_trainer(const TrainerOptions& options, Context& context) {
  MARVEL_TRY(const auto task, open_image_task(options));
  return std::unique_ptr<Trainer>(std::make_unique<MlpTrainer>(task.options, task.data, context));
}

}  // namespace marvel::federate
