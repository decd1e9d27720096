// Compiled with -O3 -ffast-math (see CMakeLists.txt). Each loop is also compiled for AVX2 and
// AVX-512, and the machine picks at load time: Debian's baseline alone (SSE2) is 2 to 3 times
// slower on these loops.
#include "model/dense_kernels.hpp"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define MARVEL_VECTOR __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define MARVEL_VECTOR
#endif

namespace marvel::model {
namespace {

// Inlined into both of its callers, so that each is compiled for every vector set.
template <typename Number>
[[gnu::always_inline]] inline void haar_level(const Number* values, std::size_t stride,
                                              std::size_t high, std::size_t wide,
                                              float* __restrict means,
                                              float* __restrict differences) {
  const std::size_t band = high * wide;
  for (std::size_t r = 0; r < high; ++r) {
    const Number* upper = values + 2 * r * stride;
    const Number* lower = upper + stride;
    for (std::size_t j = 0; j < wide; ++j) {
      const auto a = static_cast<float>(upper[2 * j]);
      const auto b = static_cast<float>(upper[2 * j + 1]);
      const auto c = static_cast<float>(lower[2 * j]);
      const auto d = static_cast<float>(lower[2 * j + 1]);
      const std::size_t at = r * wide + j;
      means[at] = (a + b) + (c + d);
      differences[at] = (a - b) + (c - d);
      differences[band + at] = (a + b) - (c + d);
      differences[2 * band + at] = (a - b) - (c - d);
    }
  }
}

}  // namespace

MARVEL_VECTOR void gather_pixels(const std::uint8_t* pixels, const std::int32_t* offsets,
                                 const float* scale, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = static_cast<float>(pixels[offsets[i]]) * scale[i];
  }
}

MARVEL_VECTOR void gather_coefficients(const float* values, const std::int32_t* offsets,
                                       const float* factors, const float* scale, std::size_t count,
                                       float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = values[offsets[i]] * factors[i] * scale[i];
  }
}

MARVEL_VECTOR void haar_of_pixels(const std::uint8_t* pixels, std::size_t stride, std::size_t high,
                                  std::size_t wide, float* means, float* differences) {
  haar_level(pixels, stride, high, wide, means, differences);
}

MARVEL_VECTOR void haar_of_means(const float* values, std::size_t stride, std::size_t high,
                                 std::size_t wide, float* means, float* differences) {
  haar_level(values, stride, high, wide, means, differences);
}

MARVEL_VECTOR void relu_gate(const float* __restrict pre, const float* __restrict bias,
                             const float* __restrict gate, std::size_t rows, std::size_t width,
                             float* __restrict next) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < width; ++j) {
      const float sum = pre[r * width + j] + bias[j];
      next[r * width + j] = (sum > 0.0F ? sum : 0.0F) * gate[j];
    }
  }
}

MARVEL_VECTOR void relu_gate_backward(const float* grad, const float* __restrict next,
                                      const float* __restrict gate, std::size_t rows,
                                      std::size_t width, float* delta) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < width; ++j) {
      const std::size_t at = r * width + j;
      delta[at] = next[at] > 0.0F ? grad[at] * gate[j] : 0.0F;
    }
  }
}

MARVEL_VECTOR void column_sums(const float* __restrict matrix, std::size_t rows, std::size_t width,
                               float* __restrict sums) {
  std::fill_n(sums, width, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < width; ++j) {
      sums[j] += matrix[r * width + j];
    }
  }
}

MARVEL_VECTOR float sum_of_squares(const float* values, std::size_t count) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) {
    sum += values[i] * values[i];
  }
  return sum;
}

MARVEL_VECTOR float dot(const float* a, const float* b, std::size_t count) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

MARVEL_VECTOR void accumulate(float* __restrict a, const float* __restrict b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    a[i] += b[i];
  }
}

namespace {

// Adds the divergence KL(q || p) of the softmax p at temperature T from a target distribution q
// to `loss`, and its gradient with respect to logits / T (times `scale`) to `delta`; q_j comes from
// `probability(j)`. For a hard label this is the cross-entropy.
template <class Probability>
void add_divergence(const float* logits, std::size_t classes, float temperature, float scale,
                    const Probability& probability, float* delta, float* loss) {
  const float largest = *std::max_element(logits, logits + classes);
  float total = 0.0F;
  for (std::size_t j = 0; j < classes; ++j) {
    total += std::exp((logits[j] - largest) / temperature);
  }
  const float log_total = std::log(total);
  for (std::size_t j = 0; j < classes; ++j) {
    const float log_p = (logits[j] - largest) / temperature - log_total;
    const float q = probability(j);
    *loss += q > 0.0F ? q * (std::log(q) - log_p) : 0.0F;
    delta[j] += scale * (std::exp(log_p) - q);
  }
}

}  // namespace

SampleLoss softmax_loss(float* logits, const float* bias, std::size_t classes, const Target& target,
                        const LossWeights& weights, float scale, float* delta) {
  accumulate(logits, bias, classes);
  std::fill_n(delta, classes, 0.0F);
  const auto label = static_cast<std::size_t>(target.label);
  const float soft = target.soft == nullptr ? 0.0F : weights.soft;
  float hard_loss = 0.0F;
  float soft_loss = 0.0F;
  add_divergence(
      logits, classes, 1.0F, scale * (1.0F - soft),
      [label](std::size_t j) { return j == label ? 1.0F : 0.0F; }, delta, &hard_loss);
  if (soft > 0.0F) {
    const float t = weights.temperature;
    // d/dlogit of T^2 KL is T (p - q).
    add_divergence(
        logits, classes, t, scale * soft * t, [&](std::size_t j) { return target.soft[j]; }, delta,
        &soft_loss);
    soft_loss *= t * t;
  }
  const auto best = static_cast<std::size_t>(std::max_element(logits, logits + classes) - logits);
  return {(1.0F - soft) * hard_loss + soft * soft_loss, best == label};
}

AdamStep adam_step(double learning_rate, std::uint64_t t, double average_decay) {
  AdamStep step{};
  const auto steps = static_cast<double>(t);
  step.beta1 = 0.9F;
  step.beta2 = 0.999F;
  step.epsilon = 1e-8F;
  step.step_size = static_cast<float>(learning_rate / (1.0 - std::pow(0.9, steps)));
  step.second_scale = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(0.999, steps)));
  step.average_decay = static_cast<float>(average_decay);
  return step;
}

MARVEL_VECTOR void adam_update(const ParameterSlices& parameter, const float* __restrict grad,
                               std::size_t count, const AdamStep& step, float decay) {
  float* __restrict value = parameter.value;
  float* __restrict moment1 = parameter.moment1;
  float* __restrict moment2 = parameter.moment2;
  float* __restrict average = parameter.average;
  const AdamStep s = step;
  for (std::size_t i = 0; i < count; ++i) {
    const float g = grad[i] + decay * value[i];
    const float m = s.beta1 * moment1[i] + (1.0F - s.beta1) * g;
    const float v = s.beta2 * moment2[i] + (1.0F - s.beta2) * g * g;
    moment1[i] = m;
    moment2[i] = v;
    const float next = value[i] - s.step_size * m / (std::sqrt(v) * s.second_scale + s.epsilon);
    value[i] = next;
    average[i] = s.average_decay * average[i] + (1.0F - s.average_decay) * next;
  }
}

}  // namespace marvel::model
