#include "model/evaluate.hpp"

#include "base/check.hpp"
#include "model/hard_concrete.hpp"

#include <algorithm>
#include <numeric>

namespace marvel::model {
namespace {

constexpr std::size_t kChunk = 1000;  // samples per forward pass: 3 MB of inputs for MNIST

const torch::Tensor& pick(const Parameter& parameter, Weights weights) {
  return weights == Weights::kAverage ? parameter.average : parameter.value;
}

// Weights with their test gates multiplied in.
std::vector<torch::Tensor> effective_weights(const GatedMlp& net, Weights weights) {
  std::vector<torch::Tensor> result;
  for (const auto& layer : net.layers) {
    auto weight = pick(layer.weight, weights);
    if (net.gated) {
      const auto gate =
          (pick(layer.log_alpha, weights).sigmoid() * (kGateHigh - kGateLow) + kGateLow)
              .clamp(0.0, 1.0);
      weight = weight * gate.unsqueeze(1);
    }
    result.push_back(weight.cpu());
  }
  return result;
}

torch::Tensor forward(const GatedMlp& net, const std::vector<torch::Tensor>& matrices,
                      torch::Tensor x, Weights weights) {
  for (std::size_t l = 0; l < matrices.size(); ++l) {
    x = torch::addmm(pick(net.layers[l].bias, weights).cpu(), x, matrices[l]);
    if (l + 1 < matrices.size()) {
      x.relu_();
    }
  }
  return x;
}

// Scatters `small` [rows, columns] into zeros [full_rows, full_columns] at the given indices.
torch::Tensor scatter(const torch::Tensor& small, const std::vector<int32_t>& rows,
                      const std::vector<int32_t>& columns, int full_rows, int full_columns) {
  auto full = torch::zeros({full_rows, full_columns});
  const auto row_index = torch::tensor(std::vector<int64_t>(rows.begin(), rows.end()));
  const auto column_index = torch::tensor(std::vector<int64_t>(columns.begin(), columns.end()));
  full.index_put_({row_index.unsqueeze(1), column_index.unsqueeze(0)}, small);
  return full;
}

std::vector<int32_t> all_indices(int count) {
  std::vector<int32_t> indices(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    indices[static_cast<std::size_t>(i)] = i;
  }
  return indices;
}

}  // namespace

torch::Tensor predict(const GatedMlp& net, const BatchSource& source, int variant,
                      Weights weights) {
  const torch::NoGradGuard no_grad;
  const auto matrices = effective_weights(net, weights);
  const auto width = source.width();
  MARVEL_CHECK(static_cast<int64_t>(width) == net.layers[0].in(), "source offers the kept inputs");
  const std::vector<float> scale(width, BatchSource::kPixelScale);
  auto logits = torch::empty({static_cast<int64_t>(source.size()), net.layers.back().out()});
  for (std::size_t begin = 0; begin < source.size(); begin += kChunk) {
    const std::size_t rows = std::min(kChunk, source.size() - begin);
    auto x = torch::empty({static_cast<int64_t>(rows), static_cast<int64_t>(width)});
    for (std::size_t r = 0; r < rows; ++r) {
      source.fill(static_cast<std::uint32_t>(begin + r), variant, scale.data(),
                  x.data_ptr<float>() + r * width);
    }
    logits.narrow(0, static_cast<int64_t>(begin), static_cast<int64_t>(rows))
        .copy_(forward(net, matrices, x, weights));
  }
  return logits;
}

torch::Tensor image_rows(const data::ImageSet& set, int64_t begin, int64_t rows) {
  const auto pixels = static_cast<int64_t>(set.image_bytes());
  // from_blob wants a mutable pointer; the conversion below only reads through it.
  auto* first = const_cast<std::uint8_t*>(set.pixels.data()) + begin * pixels;
  return torch::from_blob(first, {rows, pixels}, torch::kUInt8).to(torch::kFloat32) *
         BatchSource::kPixelScale;
}

torch::Tensor input_rows(const data::ImageSet& set, int64_t begin, int64_t rows, InputBasis basis) {
  std::vector<std::uint32_t> samples(static_cast<std::size_t>(rows));
  std::iota(samples.begin(), samples.end(), static_cast<std::uint32_t>(begin));
  const BatchSource source(set, samples, {}, basis);
  const auto width = static_cast<int64_t>(source.width());
  const std::vector<float> ones(source.width(), 1.0F);
  auto x = torch::empty({rows, width});
  for (std::uint32_t r = 0; r < samples.size(); ++r) {
    source.fill(r, 0, ones.data(), x.data_ptr<float>() + r * source.width());
  }
  constexpr double kBrightest = 255;  // so far all are whole numbers times powers of two: exact
  return x.to(torch::kFloat64) / kBrightest;
}

double error_percent(const torch::Tensor& logits, const BatchSource& source) {
  if (source.size() == 0) {
    return -1;
  }
  const auto answers = logits.argmax(1);
  const auto* answer = answers.data_ptr<int64_t>();
  std::size_t wrong = 0;
  for (std::uint32_t n = 0; n < source.size(); ++n) {
    wrong += answer[n] != source.label(n) ? 1U : 0U;
  }
  return 100.0 * static_cast<double>(wrong) / static_cast<double>(source.size());
}

double error_percent(const GatedMlp& net, const BatchSource& source, Weights weights) {
  return source.size() == 0
             ? -1
             : error_percent(predict(net, source, source.plain_variant(), weights), source);
}

SoftTargets make_soft_targets(std::span<const GatedMlp> teachers, std::span<const InputBasis> bases,
                              BatchSource& source, double temperature) {
  MARVEL_CHECK(teachers.size() == bases.size(), "every teacher has a basis");
  const int variants = source.augmentation().variants();
  torch::Tensor sum;  // [samples, classes]
  for (std::size_t t = 0; t < teachers.size(); ++t) {
    source.use_basis(bases[t]);
    for (int variant = 0; variant < variants; ++variant) {
      const auto logits = predict(teachers[t], source, variant, Weights::kAverage);
      const auto answer = (logits / temperature).softmax(1);
      sum = sum.defined() ? sum + answer : answer;
    }
  }
  const auto voices = static_cast<double>(teachers.size()) * variants;
  const auto mean = (sum / voices).contiguous();
  SoftTargets targets;
  targets.classes = static_cast<int>(mean.size(1));
  targets.probabilities.assign(mean.data_ptr<float>(), mean.data_ptr<float>() + mean.numel());
  return targets;
}

GatedMlp masked_network(const GatedMlp& net, std::span<const int> widths) {
  const torch::NoGradGuard no_grad;
  GatedMlp masked;
  masked.gated = false;
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    const auto& layer = net.layers[l];
    const auto columns = l + 1 < net.layers.size() ? net.layers[l + 1].inputs
                                                   : all_indices(static_cast<int>(layer.out()));
    GatedLayer full;
    full.weight = Parameter::from(
        scatter(layer.weight.average.cpu(), layer.inputs, columns, widths[l], widths[l + 1]));
    full.bias = Parameter::from(
        scatter(layer.bias.average.cpu().unsqueeze(0), {0}, columns, 1, widths[l + 1]).squeeze(0));
    full.log_alpha = Parameter::from(torch::zeros({widths[l]}));
    full.inputs = all_indices(widths[l]);
    masked.layers.push_back(std::move(full));
  }
  return masked;
}

}  // namespace marvel::model
