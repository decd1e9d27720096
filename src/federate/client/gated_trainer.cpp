#include "federate/client/gated_trainer.hpp"

#include "base/random.hpp"
#include "federate/client/image_task.hpp"
#include "federate/client/kept_pixels.hpp"
#include "federate/client/torch_arrays.hpp"
#include "federate/strategy/dynhp.hpp"
#include "federate/strategy/gated_model.hpp"
#include "model/hard_concrete.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

// Random streams, beside those of partition.cpp and mlp_trainer.cpp.
constexpr std::uint64_t kShuffle = 44;
constexpr std::uint64_t kGates = 45;

// Gates start just fully open, as after the warm-up of compress (compress/recipe.cpp).
constexpr double kDropRate = 0.08;
constexpr double kAverageDecay = 0.99;

Model to_model(const model::GatedMlp& net) {
  Model result;
  for (const auto& layer : net.layers) {
    result.push_back(to_tensor(layer.weight.average.t()));  // [in, out] -> [out, in]
    result.push_back(to_tensor(layer.bias.average));
    result.push_back(to_tensor(layer.log_alpha.average));
  }
  return result;
}

Result<model::GatedMlp> to_network(const Model& from, const wire::Config& config,
                                   const TrainerOptions& options) {
  MARVEL_TRY(const GatedLayout layout, gated_layout(from));
  if (layout.layers() + 1 != options.layers.size() ||
      layout.outputs != static_cast<std::size_t>(options.layers.back())) {
    return fail(Errc::kInput, "the server's model does not fit --layers",
                "give all clients and --initial the same --layers");
  }
  model::GatedMlp net;
  for (std::size_t l = 0; l < layout.layers(); ++l) {
    const auto in = static_cast<std::int64_t>(layout.inputs[l]);
    const auto out = static_cast<std::int64_t>(layout.outputs_of(l));
    MARVEL_TRY(const auto weight, to_torch(from[3 * l], {out, in}, 3 * l));
    MARVEL_TRY(const auto bias, to_torch(from[3 * l + 1], {out}, 3 * l + 1));
    MARVEL_TRY(const auto log_alpha, to_torch(from[3 * l + 2], {in}, 3 * l + 2));
    model::GatedLayer layer;
    layer.weight = model::Parameter::from(weight.t().contiguous());
    layer.bias = model::Parameter::from(bias);
    layer.log_alpha = model::Parameter::from(log_alpha);
    layer.inputs.resize(layout.inputs[l]);
    std::iota(layer.inputs.begin(), layer.inputs.end(), 0);
    net.layers.push_back(std::move(layer));
  }
  MARVEL_TRY(net.layers[0].inputs, kept_pixels(config, layout.inputs[0], options.layers.front()));
  return net;
}

wire::Blob rates_blob(const std::vector<std::vector<float>>& rates) {
  wire::Blob blob;
  for (const auto& row : rates) {
    blob.bytes.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float));
  }
  return blob;
}

class GatedTrainer : public Trainer {
 public:
  GatedTrainer(const ImageTask& task, Context& context)
      : options_(task.options),
        context_(context),
        share_(training_share_of(task.data.train, options_)),
        source_(task.data.train, share_.train, {}),
        validation_(task.data.train, share_.validation, {}),
        test_(task.data.test, share_of(task.data.test, options_), {}) {
    options_.lambda.resize(options_.layers.size() - 1, options_.lambda.front());
  }

  Result<Model> initial() override {
    const std::vector<double> drop_rates(options_.layers.size() - 1, kDropRate);
    return to_model(model::GatedMlp::make(options_.layers, drop_rates, options_.seed));
  }

  Result<Trained> train(const Model& global, const wire::Config& config) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY(net_, to_network(global, config, options_));
    source_.keep_inputs(net_.layers[0].inputs);
    Trained trained;
    trained.examples = static_cast<std::int64_t>(source_.size());
    trained.metrics[kDynHpMetric] = true;
    if (source_.size() > 0) {
      MARVEL_TRY(const double loss, train_epochs(config));
      trained.metrics["loss"] = loss;
      if (const auto alone = config.find(kPruneAloneSetting); alone != config.end()) {
        const auto* threshold = std::get_if<double>(&alone->second);
        prune_alone(threshold != nullptr ? *threshold : 0.5);
      }
      trained.metrics[kActivityMetric] = rates_blob(rates_);
    }
    trained.model = to_model(net_);
    MARVEL_TRY_STATUS(measure(trained, config));
    return trained;
  }

  [[nodiscard]] std::string tensor_name(std::size_t index) const override {
    constexpr std::array<const char*, 3> kParts{"weight", "bias", "gate"};
    return fmt::format("layer{}.{}", index / 3 + 1, kParts[index % 3]);
  }

  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override {
    const torch::NoGradGuard no_grad;
    MARVEL_TRY(const auto net, to_network(global, config, options_));
    test_.keep_inputs(net.layers[0].inputs);
    return evaluate_network(net, test_);
  }

 private:
  // What goes to the server is measured: averaged weights, and units that are gone.
  Status measure(Trained& trained, const wire::Config& config) {
    if (validation_.size() > 0) {
      MARVEL_TRY(const auto net, to_network(trained.model, config, options_));
      validation_.keep_inputs(net.layers[0].inputs);
      tell_accuracies(trained.metrics, net, source_, validation_);
    }
    return {};
  }

  // The mean loss of the last epoch.
  Result<double> train_epochs(const wire::Config& config) {
    const model::SoftTargets no_teacher;
    const auto step = model::make_cpu_step(net_, source_, no_teacher, options_.threads);
    const std::uint64_t round = round_of(config);
    // A server that does not number its rounds gets no warm-up.
    const bool rests = round > 0 && round <= static_cast<std::uint64_t>(options_.warmup_rounds);
    std::vector<double> price;
    for (std::size_t l = 0; l < net_.layers.size(); ++l) {
      price.push_back(rests ? 0
                            : options_.lambda[l] * static_cast<double>(net_.layers[l].out()) /
                                  static_cast<double>(source_.size()));
    }
    model::StepInput input;
    input.lr = options_.lr;
    input.gate_lr = options_.gate_lr;
    input.gate_price = price;
    input.gates_rest = rests;
    input.adam_time = 0;
    double loss = 0;
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      const auto where =
          static_cast<std::uint64_t>(epoch) << 32U | static_cast<std::uint64_t>(options_.client);
      MARVEL_TRY(loss, train_epoch(*step, input, round, where));
      note_rates(*step, rests);
    }
    return loss;
  }

  Result<double> train_epoch(model::TrainingStep& step, model::StepInput& input,
                             std::uint64_t round, std::uint64_t where) {
    std::vector<std::uint32_t> order(source_.size());
    random_permutation(stream_key(options_.seed, kShuffle, round, where), order);
    const auto gates = stream_key(options_.seed, kGates, round, where);
    const auto batch = static_cast<std::size_t>(options_.batch_size);
    steps_ = 0;
    double sum = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += batch) {
      if (context_.stop.raised()) {
        return fail(Errc::kUnavailable, "stopped");
      }
      input.samples = std::span(order).subspan(begin, std::min(batch, order.size() - begin));
      const auto time = static_cast<double>(++input.adam_time);
      input.gate_key = stream_key(gates, steps_++);
      // The average follows closely at first, so that a small share is not held back.
      input.average_decay = std::min(kAverageDecay, (1 + time) / (10 + time));
      const auto result = step.run(input);
      if (!result.finite) {
        return fail(Errc::kFailed, "the loss became NaN or infinite", "try a smaller --lr");
      }
      sum += result.loss * static_cast<double>(input.samples.size());
    }
    return sum / static_cast<double>(order.size());
  }

  void note_rates(model::TrainingStep& step, bool rests) {
    rates_.clear();
    for (auto& layer : step.open_counts()) {
      auto& row = rates_.emplace_back();
      for (auto& count : layer) {
        const float rate = static_cast<float>(count) / static_cast<float>(steps_);
        row.push_back(rests ? 1 : std::min(1.0F, rate));
        count = 0;
      }
    }
  }

  // The seed's way: units below the threshold are gone from this client's model.
  void prune_alone(double threshold) {
    for (std::size_t l = 0; l < net_.layers.size(); ++l) {
      for (std::size_t i = 0; i < rates_[l].size(); ++i) {
        if (static_cast<double>(rates_[l][i]) >= threshold) {
          continue;
        }
        const auto unit = static_cast<std::int64_t>(i);
        net_.layers[l].weight.average[unit].zero_();
        net_.layers[l].log_alpha.average[unit] = -model::kMaxLogAlpha;
        if (l > 0) {
          net_.layers[l - 1].weight.average.select(1, unit).zero_();
          net_.layers[l - 1].bias.average[unit] = 0;
        }
      }
    }
  }

  TrainerOptions options_;
  Context& context_;
  TrainingShare share_;
  model::BatchSource source_;
  model::BatchSource validation_;
  model::BatchSource test_;
  model::GatedMlp net_;
  std::vector<std::vector<float>> rates_;  // per gate, of the last epoch
  std::uint64_t steps_ = 0;                // of the last epoch
};

}  // namespace

Result<std::unique_ptr<Trainer>> make_gated_trainer(const TrainerOptions& options,
                                                    Context& context) {
  MARVEL_TRY(const auto task, open_image_task(options));
  return std::unique_ptr<Trainer>(std::make_unique<GatedTrainer>(task, context));
}

}  // namespace marvel::federate
