#include "federate/simulate/light_trainer.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kInitial = 73;  // random streams
constexpr std::uint64_t kShuffle = 74;

// Weight [out, in], bias [out] of layer l are tensors 2 l and 2 l + 1.
std::vector<float>& floats(Tensor& tensor) {
  return std::get<std::vector<float>>(tensor.values);
}
const std::vector<float>& floats(const Tensor& tensor) {
  return std::get<std::vector<float>>(tensor.values);
}

// One sample on its way through a network.
class Pass {
 public:
  explicit Pass(const Model& model) : model_(model), outputs_(model.size() / 2) {
    for (std::size_t l = 0; l < outputs_.size(); ++l) {
      outputs_[l].resize(model[2 * l + 1].size());
    }
  }

  // Leaves the classes' probabilities in the last outputs; the loss is -log of the right one's.
  float forward(std::span<const float> sample, std::uint8_t label) {
    std::span<const float> input = sample;
    for (std::size_t l = 0; l < outputs_.size(); ++l) {
      const bool last = l + 1 == outputs_.size();
      multiply(l, input, !last);
      input = outputs_[l];
    }
    return softmax(outputs_.back(), label);
  }
  [[nodiscard]] std::size_t guess() const {
    const auto& last = outputs_.back();
    return static_cast<std::size_t>(std::max_element(last.begin(), last.end()) - last.begin());
  }
  // After forward(): adds the loss's gradient to `gradient`, which is shaped as the model.
  void backward(std::span<const float> sample, std::uint8_t label, Model& gradient) {
    std::vector<float> error = outputs_.back();
    error[label] -= 1;
    for (std::size_t l = outputs_.size(); l-- > 0;) {
      const std::span<const float> input =
          l == 0 ? sample : std::span<const float>(outputs_[l - 1]);
      add_outer(error, input, gradient[2 * l], gradient[2 * l + 1]);
      if (l > 0) {
        error = back_through(l, error, outputs_[l - 1]);
      }
    }
  }

 private:
  void multiply(std::size_t l, std::span<const float> input, bool relu) {
    const auto& weight = floats(model_[2 * l]);
    const auto& bias = floats(model_[2 * l + 1]);
    auto& output = outputs_[l];
    for (std::size_t o = 0; o < output.size(); ++o) {
      const auto row = std::span(weight).subspan(o * input.size(), input.size());
      const float sum = std::inner_product(input.begin(), input.end(), row.begin(), bias[o]);
      output[o] = relu ? std::max(0.0F, sum) : sum;
    }
  }
  static float softmax(std::vector<float>& values, std::uint8_t label) {
    const float largest = *std::max_element(values.begin(), values.end());
    const float right = values[label] - largest;
    float sum = 0;
    for (float& value : values) {
      value = std::exp(value - largest);
      sum += value;
    }
    for (float& value : values) {
      value /= sum;
    }
    return std::log(sum) - right;
  }
  static void add_outer(std::span<const float> error, std::span<const float> input, Tensor& weight,
                        Tensor& bias) {
    auto& w = floats(weight);
    for (std::size_t o = 0; o < error.size(); ++o) {
      floats(bias)[o] += error[o];
      for (std::size_t i = 0; i < input.size(); ++i) {
        w[o * input.size() + i] += error[o] * input[i];
      }
    }
  }
  [[nodiscard]] std::vector<float> back_through(std::size_t l, std::span<const float> error,
                                                std::span<const float> input) const {
    const auto& weight = floats(model_[2 * l]);
    std::vector<float> below(input.size());
    for (std::size_t o = 0; o < error.size(); ++o) {
      for (std::size_t i = 0; i < input.size(); ++i) {
        below[i] += error[o] * weight[o * input.size() + i];
      }
    }
    for (std::size_t i = 0; i < input.size(); ++i) {
      below[i] = input[i] > 0 ? below[i] : 0;  // ReLU
    }
    return below;
  }

  const Model& model_;
  std::vector<std::vector<float>> outputs_;  // per layer
};

double proximal_mu(const wire::Config& config) {
  const auto found = config.find("proximal_mu");
  const auto* mu = found == config.end() ? nullptr : std::get_if<double>(&found->second);
  return mu != nullptr ? std::max(0.0, *mu) : 0;
}

std::uint64_t round_in(const wire::Config& config) {
  const auto found = config.find("marvel.round");
  const auto* round = found == config.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
  return round != nullptr ? static_cast<std::uint64_t>(*round) : 0;
}

// model -= step x gradient + pull x (model - global); the gradient is zero afterwards.
void descend(Model& model, Model& gradient, const Model& global, float step, float pull) {
  for (std::size_t t = 0; t < model.size(); ++t) {
    auto& values = floats(model[t]);
    auto& slopes = floats(gradient[t]);
    const auto& anchor = floats(global[t]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] -= step * slopes[i] + pull * (values[i] - anchor[i]);
    }
    std::fill(slopes.begin(), slopes.end(), 0.0F);
  }
}

}  // namespace

LightTrainer::LightTrainer(std::shared_ptr<const SimulatedData> data,
                           std::vector<std::uint32_t> train, std::vector<std::uint32_t> test,
                           const LightTraining& how, std::uint64_t client)
    : data_(std::move(data)),
      train_(std::move(train)),
      test_(std::move(test)),
      how_(how),
      client_(client) {}

std::vector<std::size_t> LightTrainer::layers() const {
  if (how_.hidden == 0) {
    return {data_->train.features, data_->classes};
  }
  return {data_->train.features, how_.hidden, data_->classes};
}

Result<Model> LightTrainer::initial() {
  const auto units = layers();
  Model model;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    Tensor weight = make_tensor(Dtype::kFloat32, {units[l + 1], units[l]});
    CounterRng random(stream_key(how_.seed, kInitial, l));
    const double spread = std::sqrt(2.0 / static_cast<double>(units[l]));  // He et al. 2015
    for (float& value : floats(weight)) {
      value = static_cast<float>(spread * random.normal());
    }
    model.push_back(std::move(weight));
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1]}));
  }
  return model;
}

Status LightTrainer::check(const Model& model) const {
  const auto units = layers();
  bool fits = model.size() == 2 * (units.size() - 1);
  for (std::size_t l = 0; fits && l + 1 < units.size(); ++l) {
    fits = model[2 * l].shape == Shape{units[l + 1], units[l]} &&
           model[2 * l + 1].shape == Shape{units[l + 1]} && model[2 * l].dtype == Dtype::kFloat32 &&
           model[2 * l + 1].dtype == Dtype::kFloat32;
  }
  return fits ? Status{} : fail(Errc::kInput, "the model is of another shape than the network");
}

Result<Trained> LightTrainer::train(const Model& global, const wire::Config& config) {
  MARVEL_TRY_STATUS(check(global));
  Trained trained;
  trained.model = global;
  trained.examples = static_cast<std::int64_t>(train_.size());
  Model gradient = zeros_like(global);
  const auto pull = how_.lr * static_cast<float>(proximal_mu(config));
  double loss = 0;
  std::vector<std::uint32_t> order(train_.size());
  Pass pass(trained.model);
  for (int epoch = 0; epoch < how_.epochs; ++epoch) {
    random_permutation(stream_key(stream_key(how_.seed, kShuffle, client_), round_in(config),
                                  static_cast<std::uint64_t>(epoch)),
                       order);
    loss = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += how_.batch_size) {
      const std::size_t count = std::min(how_.batch_size, order.size() - begin);
      for (const auto place : std::span(order).subspan(begin, count)) {
        const std::size_t sample = train_[place];
        loss += static_cast<double>(
            pass.forward(data_->train.row(sample), data_->train.labels[sample]));
        pass.backward(data_->train.row(sample), data_->train.labels[sample], gradient);
      }
      descend(trained.model, gradient, global, how_.lr / static_cast<float>(count), pull);
    }
  }
  if (!std::isfinite(loss)) {
    return fail(Errc::kFailed, "the loss became NaN or infinite", "try a smaller --lr");
  }
  if (!train_.empty()) {
    trained.metrics["loss"] = loss / static_cast<double>(train_.size());
  }
  return trained;
}

Result<Evaluated> LightTrainer::evaluate(const Model& global, const wire::Config& /*config*/) {
  MARVEL_TRY_STATUS(check(global));
  Evaluated found;
  found.examples = static_cast<std::int64_t>(test_.size());
  Pass pass(global);
  double right = 0;
  for (const auto sample : test_) {
    found.loss +=
        static_cast<double>(pass.forward(data_->test.row(sample), data_->test.labels[sample]));
    right += pass.guess() == data_->test.labels[sample] ? 1 : 0;
  }
  if (!test_.empty()) {
    found.loss /= static_cast<double>(test_.size());
    found.metrics["accuracy"] = right / static_cast<double>(test_.size());
  }
  return found;
}

}  // namespace marvel::federate
