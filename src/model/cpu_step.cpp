// One step, in order:
//   1. every thread draws its part of the gates                          (barrier)
//   2. every thread runs forward and backward on its shard of the batch   (barrier)
//   3. every thread updates its part of the rows: sums the shards' gradients, adds the price of
//      open gates, and runs Adam and the running average in the same pass over memory
// With one gate sample per mini-batch, masking the activations equals masking the weights
// (x * z) W = x (z * W), and the gradient of the masked weights is what step 2 computes:
//   G = (x * z)' delta,   so dL/dW_ij = G_ij   and   dL/dz_i = sum_j W_ij G_ij / z_i.
// Gates clipped at 0 or 1 have no slope, so the division never meets a zero.
#include "base/random.hpp"
#include "model/hard_concrete.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <omp.h>

namespace marvel::model {
namespace {

// One thread's share of the batch: activations and gradients of every layer.
struct Shard {
  std::size_t begin = 0;  // of the batch's samples
  std::size_t rows = 0;
  std::vector<torch::Tensor> input;   // masked input of layer l   [capacity, in]
  std::vector<torch::Tensor> output;  // before bias and ReLU      [capacity, out]
  std::vector<torch::Tensor> delta;   // dLoss/d output            [capacity, out]
  std::vector<torch::Tensor> grad_w;  // [in, out]
  std::vector<torch::Tensor> grad_b;  // [out]
  double loss = 0;
  std::uint32_t correct = 0;
  double squared_norms = 0;  // sum over samples of |per-sample gradient|^2
  double mean_norm = 0;      // this thread's rows of |mean gradient|^2
  double regularizer = 0;
};

// The gates of one layer in one step. Without gates z is 1 everywhere.
struct Gates {
  std::vector<float> z;
  std::vector<float> slope;         // dz / dlog_alpha
  std::vector<float> scaled_input;  // z / 255, for the first layer
};

struct Range {
  std::size_t begin;
  std::size_t end;
};

Range part(std::size_t count, int index, int parts) {
  const auto i = static_cast<std::size_t>(index);
  const auto n = static_cast<std::size_t>(parts);
  return {count * i / n, count * (i + 1) / n};
}

class CpuStep : public TrainingStep {
 public:
  CpuStep(GatedMlp& net, const BatchSource& source, const SoftTargets& targets, int threads)
      : net_(net), source_(source), targets_(targets), threads_(threads), shards_(threads) {
    network_changed();
  }

  StepResult run(const StepInput& input) override;
  void network_changed() override;
  std::vector<std::vector<std::uint32_t>>& open_counts() override { return open_counts_; }

 private:
  void grow_shards(std::size_t batch);
  void draw_gates_part(const StepInput& input, int thread);
  void forward(Shard& shard, const StepInput& input);
  void loss(Shard& shard, const StepInput& input);
  void backward(Shard& shard);
  void add_squared_norms(Shard& shard, std::size_t batch);
  void update_part(const StepInput& input, int thread);
  void update_row(std::size_t l, std::size_t row, const StepInput& input, Shard& own);
  void update_bias(std::size_t l, const StepInput& input, Shard& own);
  [[nodiscard]] bool loss_is_finite() const;
  [[nodiscard]] StepResult collect(const StepInput& input) const;

  GatedMlp& net_;
  const BatchSource& source_;
  const SoftTargets& targets_;
  int threads_;
  std::vector<Shard> shards_;
  std::vector<Gates> gates_;
  std::vector<std::vector<std::uint32_t>> open_counts_;
  std::size_t capacity_ = 0;  // rows that the shards have room for
  AdamStep weight_step_{};
  AdamStep gate_step_{};
};

void CpuStep::network_changed() {
  const std::size_t count = net_.layers.size();
  gates_.assign(count, {});
  open_counts_.assign(count, {});
  for (std::size_t l = 0; l < count; ++l) {
    const auto width = static_cast<std::size_t>(net_.layers[l].in());
    gates_[l].z.assign(width, 1.0F);
    gates_[l].slope.assign(width, 0.0F);
    gates_[l].scaled_input.assign(width, BatchSource::kPixelScale);
    open_counts_[l].assign(width, 0);
  }
  capacity_ = 0;
}

void CpuStep::grow_shards(std::size_t batch) {
  const std::size_t rows = batch / static_cast<std::size_t>(threads_) + 1;
  if (rows <= capacity_) {
    return;
  }
  capacity_ = rows;
  const auto room = static_cast<int64_t>(rows);
  for (Shard& shard : shards_) {
    shard = {};
    for (const auto& layer : net_.layers) {
      shard.input.push_back(torch::empty({room, layer.in()}));
      shard.output.push_back(torch::empty({room, layer.out()}));
      shard.delta.push_back(torch::empty({room, layer.out()}));
      shard.grad_w.push_back(torch::empty({layer.in(), layer.out()}));
      shard.grad_b.push_back(torch::empty({layer.out()}));
    }
  }
}

StepResult CpuStep::run(const StepInput& input) {
  grow_shards(input.samples.size());
  weight_step_ = adam_step(input.lr, input.adam_time, input.average_decay);
  gate_step_ = adam_step(input.gate_lr, input.adam_time, input.average_decay);
#pragma omp parallel num_threads(threads_)
  {
    const torch::NoGradGuard no_grad;
    const int thread = omp_get_thread_num();
    Shard& shard = shards_[static_cast<std::size_t>(thread)];
    const Range range = part(input.samples.size(), thread, threads_);
    shard.begin = range.begin;
    shard.rows = range.end - range.begin;
    if (net_.gated && !input.gates_rest) {
      draw_gates_part(input, thread);
    }
#pragma omp barrier
    forward(shard, input);
    loss(shard, input);
    backward(shard);
    if (input.measure_variance) {
      add_squared_norms(shard, input.samples.size());
    }
#pragma omp barrier
    if (loss_is_finite()) {
      update_part(input, thread);
    }
  }
  return collect(input);
}

void CpuStep::draw_gates_part(const StepInput& input, int thread) {
  for (std::size_t l = 0; l < gates_.size(); ++l) {
    Gates& gates = gates_[l];
    const std::size_t width = gates.z.size();
    const Range range = part(width, thread, threads_);
    const std::span<const float> log_alpha(net_.layers[l].log_alpha.value.data_ptr<float>(), width);
    draw_gates(mix(input.gate_key ^ l), log_alpha, range.begin, range.end, gates.z, gates.slope);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      open_counts_[l][i] += gates.z[i] > 0.0F ? 1U : 0U;
      gates.scaled_input[i] = gates.z[i] * BatchSource::kPixelScale;
    }
  }
}

void CpuStep::forward(Shard& shard, const StepInput& input) {
  const std::size_t width = source_.width();
  float* rows = shard.input[0].data_ptr<float>();
  for (std::size_t r = 0; r < shard.rows; ++r) {
    const std::uint32_t sample = input.samples[shard.begin + r];
    source_.fill(sample, source_.variant(input.augment_key, sample), gates_[0].scaled_input.data(),
                 rows + r * width);
  }
  const auto count = static_cast<int64_t>(shard.rows);
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {
    auto out = shard.output[l].narrow(0, 0, count);
    at::mm_out(out, shard.input[l].narrow(0, 0, count), net_.layers[l].weight.value);
    if (l + 1 < net_.layers.size()) {
      relu_gate(out.data_ptr<float>(), net_.layers[l].bias.value.data_ptr<float>(),
                gates_[l + 1].z.data(), shard.rows, gates_[l + 1].z.size(),
                shard.input[l + 1].data_ptr<float>());
    }
  }
}

void CpuStep::loss(Shard& shard, const StepInput& input) {
  const auto& last = net_.layers.back();
  const auto classes = static_cast<std::size_t>(last.out());
  float* logits = shard.output.back().data_ptr<float>();
  float* delta = shard.delta.back().data_ptr<float>();
  const float scale = 1.0F / static_cast<float>(input.samples.size());
  shard.loss = 0;
  shard.correct = 0;
  for (std::size_t r = 0; r < shard.rows; ++r) {
    const std::uint32_t sample = input.samples[shard.begin + r];
    Target target{source_.label(sample), nullptr};
    if (!targets_.empty() && input.loss.soft > 0.0F) {
      target.soft = targets_.row(sample);
    }
    const SampleLoss result = softmax_loss(logits + r * classes, last.bias.value.data_ptr<float>(),
                                           classes, target, input.loss, scale, delta + r * classes);
    shard.loss += static_cast<double>(result.loss);
    shard.correct += result.correct ? 1U : 0U;
  }
}

void CpuStep::backward(Shard& shard) {
  const auto count = static_cast<int64_t>(shard.rows);
  for (std::size_t l = net_.layers.size(); l-- > 0;) {
    const auto& layer = net_.layers[l];
    const auto delta = shard.delta[l].narrow(0, 0, count);
    const auto in = shard.input[l].narrow(0, 0, count);
    at::mm_out(shard.grad_w[l], in.t(), delta);
    column_sums(delta.data_ptr<float>(), shard.rows, static_cast<std::size_t>(layer.out()),
                shard.grad_b[l].data_ptr<float>());
    if (l > 0) {
      auto below = shard.delta[l - 1].narrow(0, 0, count);
      at::mm_out(below, delta, layer.weight.value.t());
      relu_gate_backward(below.data_ptr<float>(), in.data_ptr<float>(), gates_[l].z.data(),
                         shard.rows, gates_[l].z.size(), below.data_ptr<float>());
    }
  }
}

// The deltas carry 1 / B from the mean loss; B^2 turns them back into per-sample gradients.
void CpuStep::add_squared_norms(Shard& shard, std::size_t batch) {
  shard.squared_norms = 0;
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {
    const auto in = static_cast<std::size_t>(net_.layers[l].in());
    const auto out = static_cast<std::size_t>(net_.layers[l].out());
    const float* x = shard.input[l].data_ptr<float>();
    const float* delta = shard.delta[l].data_ptr<float>();
    for (std::size_t r = 0; r < shard.rows; ++r) {
      shard.squared_norms += (static_cast<double>(sum_of_squares(x + r * in, in)) + 1.0) *
                             static_cast<double>(sum_of_squares(delta + r * out, out));
    }
  }
  shard.squared_norms *= static_cast<double>(batch) * static_cast<double>(batch);
}

void CpuStep::update_part(const StepInput& input, int thread) {
  Shard& own = shards_[static_cast<std::size_t>(thread)];
  own.mean_norm = 0;
  own.regularizer = 0;
  for (std::size_t l = 0; l < net_.layers.size(); ++l) {
    const Range rows = part(static_cast<std::size_t>(net_.layers[l].in()), thread, threads_);
    for (std::size_t row = rows.begin; row < rows.end; ++row) {
      update_row(l, row, input, own);
    }
    if (thread == 0) {
      update_bias(l, input, own);
    }
  }
}

ParameterSlices slices(const Parameter& parameter, std::size_t offset) {
  return {parameter.value.data_ptr<float>() + offset, parameter.moment1.data_ptr<float>() + offset,
          parameter.moment2.data_ptr<float>() + offset,
          parameter.average.data_ptr<float>() + offset};
}

void CpuStep::update_row(std::size_t l, std::size_t row, const StepInput& input, Shard& own) {
  GatedLayer& layer = net_.layers[l];
  const auto out = static_cast<std::size_t>(layer.out());
  const std::size_t offset = row * out;
  float* grad = shards_[0].grad_w[l].data_ptr<float>() + offset;
  for (std::size_t s = 1; s < shards_.size(); ++s) {
    accumulate(grad, shards_[s].grad_w[l].data_ptr<float>() + offset, out);
  }
  if (input.measure_variance) {
    own.mean_norm += static_cast<double>(sum_of_squares(grad, out));
  }
  const ParameterSlices weights = slices(layer.weight, offset);
  auto decay = static_cast<float>(input.weight_decay);
  if (net_.gated && !input.gates_rest) {
    const float z = gates_[l].z[row];
    const float slope = gates_[l].slope[row];
    const ParameterSlices gate = slices(layer.log_alpha, row);
    const float open = open_probability(*gate.value);
    float price = static_cast<float>(input.gate_price[l]);
    own.regularizer += static_cast<double>(open * price);
    if (decay > 0.0F) {
      price += 0.5F * decay * sum_of_squares(weights.value, out);
    }
    float gradient = open * (1.0F - open) * price;
    if (slope > 0.0F) {
      gradient += slope * dot(weights.value, grad, out) / z;
    }
    adam_update(gate, &gradient, 1, gate_step_, 0.0F);
    *gate.value = std::clamp(*gate.value, -kMaxLogAlpha, kMaxLogAlpha);
    decay *= open;
  }
  adam_update(weights, grad, out, weight_step_, decay);
}

void CpuStep::update_bias(std::size_t l, const StepInput& input, Shard& own) {
  const auto out = static_cast<std::size_t>(net_.layers[l].out());
  float* grad = shards_[0].grad_b[l].data_ptr<float>();
  for (std::size_t s = 1; s < shards_.size(); ++s) {
    accumulate(grad, shards_[s].grad_b[l].data_ptr<float>(), out);
  }
  if (input.measure_variance) {
    own.mean_norm += static_cast<double>(sum_of_squares(grad, out));
  }
  adam_update(slices(net_.layers[l].bias, 0), grad, out, weight_step_,
              static_cast<float>(input.weight_decay));
}

bool CpuStep::loss_is_finite() const {
  double total = 0;
  for (const Shard& shard : shards_) {
    total += shard.loss;
  }
  return std::isfinite(total);
}

StepResult CpuStep::collect(const StepInput& input) const {
  StepResult result;
  double squared = 0;
  double mean_norm = 0;
  for (const Shard& shard : shards_) {
    result.loss += shard.loss;
    result.correct += shard.correct;
    result.regularizer += shard.regularizer;
    squared += shard.squared_norms;
    mean_norm += shard.mean_norm;
  }
  const auto batch = static_cast<double>(input.samples.size());
  result.loss /= batch;
  result.finite = std::isfinite(result.loss);
  if (input.measure_variance && batch > 1 && result.finite) {
    result.variance = std::max(0.0, (squared - batch * mean_norm) / (batch - 1));
  }
  return result;
}

}  // namespace

int most_threads() {
  return omp_get_thread_limit();
}

Status check_threads(int threads) {
  if (threads <= most_threads()) {
    return {};
  }
  return fail(Errc::kUsage,
              fmt::format("--threads is {}, but OpenMP gives this process {} at most", threads,
                          most_threads()),
              "lower --threads, or unset OMP_THREAD_LIMIT");
}

void use_threads(int threads) {
  omp_set_dynamic(0);  // OMP_DYNAMIC would let a parallel part have fewer
  at::set_num_threads(threads);
#pragma omp parallel num_threads(threads)
  at::globalContext().setFlushDenormal(true);  // a flag of each thread
}

std::unique_ptr<TrainingStep> make_cpu_step(GatedMlp& net, const BatchSource& source,
                                            const SoftTargets& targets, int threads) {
  return std::make_unique<CpuStep>(net, source, targets, threads);
}

}  // namespace marvel::model
