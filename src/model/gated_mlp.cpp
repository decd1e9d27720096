#include "model/gated_mlp.hpp"

#include "base/check.hpp"
#include "base/random.hpp"
#include "model/hard_concrete.hpp"

#include <cmath>
#include <numeric>

namespace marvel::model {
namespace {

constexpr std::uint64_t kWeightStream = 1;
constexpr std::uint64_t kGateStream = 2;

// Drawn with our own generator, so that a seed means the same on every LibTorch.
torch::Tensor normal_tensor(std::uint64_t key, std::vector<int64_t> shape, double mean,
                            double deviation) {
  auto tensor = torch::empty(shape, torch::kFloat32);
  CounterRng rng(key);
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(mean + deviation * rng.normal());
  }
  return tensor;
}

torch::Tensor index_tensor(const std::vector<int32_t>& positions, torch::Device device) {
  return torch::tensor(std::vector<int64_t>(positions.begin(), positions.end()), torch::kInt64)
      .to(device);
}

torch::Tensor test_gates(const torch::Tensor& log_alpha) {
  return (log_alpha.sigmoid() * (kGateHigh - kGateLow) + kGateLow).clamp(0.0, 1.0);
}

GatedLayer make_layer(int in, int out, double drop_rate, std::uint64_t seed, std::size_t l) {
  GatedLayer layer;
  layer.weight = Parameter::from(
      normal_tensor(stream_key(seed, kWeightStream, l), {in, out}, 0.0, std::sqrt(2.0 / in)));
  layer.bias = Parameter::from(torch::zeros({out}));
  layer.log_alpha = Parameter::from(normal_tensor(stream_key(seed, kGateStream, l), {in},
                                                  std::log((1.0 - drop_rate) / drop_rate), 0.01));
  layer.inputs.resize(static_cast<std::size_t>(in));
  std::iota(layer.inputs.begin(), layer.inputs.end(), 0);
  return layer;
}

// Positions whose average gate is open; never empty.
std::vector<int32_t> open_positions(const torch::Tensor& log_alpha) {
  const auto gates = test_gates(log_alpha).cpu();
  std::vector<int32_t> open;
  for (int64_t i = 0; i < gates.numel(); ++i) {
    if (gates[i].item<float>() > 0.0F) {
      open.push_back(static_cast<int32_t>(i));
    }
  }
  if (open.empty()) {
    open.push_back(static_cast<int32_t>(log_alpha.argmax().item<int64_t>()));
  }
  return open;
}

// The gate of a unit that is kept although its gate is closed counts as its last open value.
torch::Tensor fold_factor(const torch::Tensor& log_alpha) {
  constexpr double kSmallestGate = 1e-3;
  return test_gates(log_alpha).clamp_min(kSmallestGate).unsqueeze(1);
}

}  // namespace

Parameter Parameter::from(torch::Tensor initial) {
  auto average = initial.clone();
  auto moment1 = torch::zeros_like(initial);
  auto moment2 = torch::zeros_like(initial);
  return {std::move(initial), std::move(moment1), std::move(moment2), std::move(average)};
}

void Parameter::keep(int64_t dimension, const torch::Tensor& indices) {
  for (auto* tensor : {&value, &moment1, &moment2, &average}) {
    *tensor = tensor->index_select(dimension, indices).contiguous();
  }
}

GatedMlp GatedMlp::make(std::span<const int> widths, std::span<const double> drop_rates,
                        std::uint64_t seed) {
  MARVEL_CHECK(widths.size() >= 2 && drop_rates.size() + 1 == widths.size(),
               "one drop rate per layer");
  const torch::NoGradGuard no_grad;
  GatedMlp net;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    net.layers.push_back(make_layer(widths[l], widths[l + 1], drop_rates[l], seed, l));
  }
  return net;
}

std::vector<int> GatedMlp::widths() const {
  std::vector<int> result;
  for (const auto& layer : layers) {
    result.push_back(static_cast<int>(layer.in()));
  }
  result.push_back(static_cast<int>(layers.back().out()));
  return result;
}

std::uint64_t GatedMlp::parameters() const {
  return mlp_parameters(widths());
}

std::uint64_t GatedMlp::macs() const {
  return mlp_macs(widths());
}

void GatedMlp::keep_inputs(std::size_t l, const std::vector<int32_t>& positions) {
  MARVEL_CHECK(!positions.empty(), "a layer never becomes empty");
  const torch::NoGradGuard no_grad;
  GatedLayer& layer = layers[l];
  const auto indices = index_tensor(positions, layer.weight.value.device());
  layer.weight.keep(0, indices);
  layer.log_alpha.keep(0, indices);
  std::vector<int32_t> kept;
  for (const auto position : positions) {
    kept.push_back(layer.inputs[static_cast<std::size_t>(position)]);
  }
  layer.inputs = std::move(kept);
  if (l > 0) {
    layers[l - 1].weight.keep(1, indices);
    layers[l - 1].bias.keep(0, indices);
  }
}

void GatedMlp::fold_gates() {
  const torch::NoGradGuard no_grad;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    keep_inputs(l, open_positions(layers[l].log_alpha.average));
  }
  for (auto& layer : layers) {
    const auto factor = fold_factor(layer.log_alpha.average);
    layer.weight = Parameter::from(layer.weight.average * factor);
    layer.bias = Parameter::from(layer.bias.average.clone());
  }
  gated = false;
}

void GatedMlp::to(torch::Device device) {
  for (auto& layer : layers) {
    for (auto* parameter : {&layer.weight, &layer.bias, &layer.log_alpha}) {
      for (auto* tensor :
           {&parameter->value, &parameter->moment1, &parameter->moment2, &parameter->average}) {
        *tensor = tensor->to(device);
      }
    }
  }
}

std::vector<double> open_rates(const GatedLayer& layer) {
  const auto log_alpha = layer.log_alpha.average.cpu().contiguous();
  std::vector<double> rates;
  for (int64_t i = 0; i < log_alpha.numel(); ++i) {
    rates.push_back(open_probability(static_cast<double>(log_alpha.data_ptr<float>()[i])));
  }
  return rates;
}

double expected_parameters(const GatedMlp& net) {
  std::vector<double> widths;
  for (const auto& layer : net.layers) {
    const auto rates = open_rates(layer);
    widths.push_back(std::accumulate(rates.begin(), rates.end(), 0.0));
  }
  widths.push_back(static_cast<double>(net.layers.back().out()));
  double total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total += (widths[l] + 1) * widths[l + 1];
  }
  return total;
}

std::uint64_t mlp_parameters(std::span<const int> widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total +=
        (static_cast<std::uint64_t>(widths[l]) + 1) * static_cast<std::uint64_t>(widths[l + 1]);
  }
  return total;
}

std::uint64_t mlp_macs(std::span<const int> widths) {
  std::uint64_t total = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    total += static_cast<std::uint64_t>(widths[l]) * static_cast<std::uint64_t>(widths[l + 1]);
  }
  return total;
}

}  // namespace marvel::model
