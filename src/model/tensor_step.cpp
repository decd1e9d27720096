// The training step in LibTorch's tensor operations alone: slower on a CPU than cpu_step.cpp, but
// it runs wherever the network's tensors live. It draws the same gates and shows the same images,
// so on a CPU both agree up to rounding, which a test checks.
#include "base/random.hpp"
#include "model/hard_concrete.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <cmath>

namespace marvel::model {
namespace {

// The gates of one layer, on the network's device.
struct LayerGates {
  torch::Tensor z;      // [in]
  torch::Tensor slope;  // [in], dz / dlog_alpha
};

class TensorStep : public TrainingStep {
 public:
  TensorStep(GatedMlp& net, const BatchSource& source, const SoftTargets& targets)
      : net_(net), source_(source), targets_(targets) {
    reset_counts();
  }

  StepResult run(const StepInput& input) override;
  void network_changed() override { reset_counts(); }
  std::vector<std::vector<std::uint32_t>>& open_counts() override { return open_counts_; }

 private:
  void reset_counts();
  [[nodiscard]] torch::Device device() const { return net_.layers[0].weight.value.device(); }
  [[nodiscard]] bool draws(const StepInput& input) const { return net_.gated && !input.gates_rest; }
  LayerGates draw(std::size_t l, const StepInput& input);
  [[nodiscard]] torch::Tensor images(const StepInput& input) const;
  [[nodiscard]] torch::Tensor labels(const StepInput& input) const;
  [[nodiscard]] torch::Tensor soft_rows(const StepInput& input) const;
  [[nodiscard]] torch::Tensor loss_gradient(const torch::Tensor& logits, const StepInput& input,
                                            StepResult* result) const;
  void update_layer(std::size_t l, const StepInput& input, const LayerGates& gates,
                    const torch::Tensor& grad_w, const torch::Tensor& grad_b, StepResult* result);

  GatedMlp& net_;
  const BatchSource& source_;
  const SoftTargets& targets_;
  std::vector<std::vector<std::uint32_t>> open_counts_;
};

void TensorStep::reset_counts() {
  open_counts_.clear();
  for (const auto& layer : net_.layers) {
    open_counts_.emplace_back(static_cast<std::size_t>(layer.in()), 0U);
  }
}

// Drawn on the CPU, where they are counted too: a thousand numbers are cheaper to copy than a
// kernel is to launch.
LayerGates TensorStep::draw(std::size_t l, const StepInput& input) {
  const auto log_alpha = net_.layers[l].log_alpha.value.cpu();
  const auto width = static_cast<std::size_t>(log_alpha.numel());
  auto z = torch::ones({log_alpha.numel()});
  auto slope = torch::zeros({log_alpha.numel()});
  if (draws(input)) {
    float* values = z.data_ptr<float>();
    draw_gates(mix(input.gate_key ^ l), {log_alpha.data_ptr<float>(), width}, 0, width,
               {values, width}, {slope.data_ptr<float>(), width});
    for (std::size_t i = 0; i < width; ++i) {
      open_counts_[l][i] += values[i] > 0.0F ? 1U : 0U;
    }
  }
  return {z.to(device()), slope.to(device())};
}

torch::Tensor TensorStep::images(const StepInput& input) const {
  const auto rows = static_cast<int64_t>(input.samples.size());
  const auto width = source_.width();
  const std::vector<float> scale(width, BatchSource::kPixelScale);
  auto x = torch::empty({rows, static_cast<int64_t>(width)});
  float* row = x.data_ptr<float>();
  for (const auto sample : input.samples) {
    source_.fill(sample, source_.variant(input.augment_key, sample), scale.data(), row);
    row += width;
  }
  return x.to(device());
}

torch::Tensor TensorStep::labels(const StepInput& input) const {
  std::vector<int64_t> values;
  for (const auto sample : input.samples) {
    values.push_back(source_.label(sample));
  }
  return torch::tensor(values).to(device());
}

torch::Tensor TensorStep::soft_rows(const StepInput& input) const {
  const int64_t classes = net_.layers.back().out();
  auto rows = torch::empty({static_cast<int64_t>(input.samples.size()), classes});
  float* to = rows.data_ptr<float>();
  for (const auto sample : input.samples) {
    to = std::copy_n(targets_.row(sample), classes, to);
  }
  return rows.to(device());
}

// d(mean loss) / d logits, see softmax_loss in dense_kernels.hpp.
torch::Tensor TensorStep::loss_gradient(const torch::Tensor& logits, const StepInput& input,
                                        StepResult* result) const {
  const auto expected = labels(input);
  const auto hard = torch::one_hot(expected, logits.size(1)).to(torch::kFloat32);
  const double soft = targets_.empty() ? 0.0 : static_cast<double>(input.loss.soft);
  const auto log_p = logits.log_softmax(1);
  auto loss = (1 - soft) * -(hard * log_p).sum(1);
  auto delta = (1 - soft) * (log_p.exp() - hard);
  if (soft > 0) {
    const auto t = static_cast<double>(input.loss.temperature);
    const auto taught = soft_rows(input);
    const auto log_q = (logits / t).log_softmax(1);
    loss = loss + soft * t * t * (torch::xlogy(taught, taught) - taught * log_q).sum(1);
    delta = delta + soft * t * (log_q.exp() - taught);
  }
  result->loss = loss.mean().item<double>();
  result->finite = std::isfinite(result->loss);
  result->correct = static_cast<std::uint32_t>(logits.argmax(1).eq(expected).sum().item<int64_t>());
  return delta / static_cast<double>(input.samples.size());
}

void adam(Parameter& parameter, const torch::Tensor& grad, const AdamStep& step) {
  parameter.moment1.mul_(step.beta1).add_(grad, 1.0F - step.beta1);
  parameter.moment2.mul_(step.beta2).addcmul_(grad, grad, 1.0F - step.beta2);
  const auto scale = parameter.moment2.sqrt().mul_(step.second_scale).add_(step.epsilon);
  parameter.value.addcdiv_(parameter.moment1, scale, -step.step_size);
  parameter.average.mul_(step.average_decay).add_(parameter.value, 1.0F - step.average_decay);
}

void TensorStep::update_layer(std::size_t l, const StepInput& input, const LayerGates& gates,
                              const torch::Tensor& grad_w, const torch::Tensor& grad_b,
                              StepResult* result) {
  GatedLayer& layer = net_.layers[l];
  const AdamStep weights = adam_step(input.lr, input.adam_time, input.average_decay);
  auto decay = input.weight_decay * torch::ones_like(gates.z);
  if (draws(input)) {
    const auto open = (layer.log_alpha.value + kOpenShift).sigmoid();
    const double price = input.gate_price[l];
    result->regularizer += price * open.sum().item<double>();
    const auto weight = layer.weight.value;
    // Where the slope is 0 the gate is clipped, possibly at 0: divide by 1 instead.
    const auto divisor = torch::where(gates.slope > 0, gates.z, torch::ones_like(gates.z));
    auto gradient = gates.slope * (weight * grad_w).sum(1) / divisor;
    gradient += open * (1 - open) * (price + 0.5 * input.weight_decay * weight.square().sum(1));
    adam(layer.log_alpha, gradient, adam_step(input.gate_lr, input.adam_time, input.average_decay));
    layer.log_alpha.value.clamp_(-kMaxLogAlpha, kMaxLogAlpha);
    decay *= open;
  }
  adam(layer.weight, grad_w + decay.unsqueeze(1) * layer.weight.value, weights);
  adam(layer.bias, grad_b + input.weight_decay * layer.bias.value, weights);
}

StepResult TensorStep::run(const StepInput& input) {
  const torch::NoGradGuard no_grad;
  const std::size_t count = net_.layers.size();
  StepResult result;
  std::vector<LayerGates> gates;
  std::vector<torch::Tensor> inputs;  // masked input of each layer
  auto x = images(input);
  for (std::size_t l = 0; l < count; ++l) {
    gates.push_back(draw(l, input));
    inputs.push_back(x * gates[l].z);
    x = torch::addmm(net_.layers[l].bias.value, inputs[l], net_.layers[l].weight.value);
    if (l + 1 < count) {
      x = x.relu();
    }
  }
  auto delta = loss_gradient(x, input, &result);
  if (!result.finite) {
    return result;
  }
  const auto batch = static_cast<double>(input.samples.size());
  double squared = 0;
  double mean_norm = 0;
  for (std::size_t l = count; l-- > 0;) {
    const auto grad_w = inputs[l].t().mm(delta);
    const auto grad_b = delta.sum(0);
    if (input.measure_variance) {
      const auto norms = (inputs[l].square().sum(1) + 1) * delta.square().sum(1);
      squared += norms.sum().item<double>() * batch * batch;
      mean_norm += (grad_w.square().sum() + grad_b.square().sum()).item<double>();
    }
    auto below = l > 0 ? delta.mm(net_.layers[l].weight.value.t()) * gates[l].z * (inputs[l] > 0)
                       : torch::Tensor();
    update_layer(l, input, gates[l], grad_w, grad_b, &result);
    delta = std::move(below);
  }
  if (input.measure_variance && batch > 1) {
    result.variance = std::max(0.0, (squared - batch * mean_norm) / (batch - 1));
  }
  return result;
}

}  // namespace

std::unique_ptr<TrainingStep> make_tensor_step(GatedMlp& net, const BatchSource& source,
                                               const SoftTargets& targets) {
  return std::make_unique<TensorStep>(net, source, targets);
}

}  // namespace marvel::model
