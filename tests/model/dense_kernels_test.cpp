#include "model/dense_kernels.hpp"

#include "base/random.hpp"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::model {
namespace {

using doctest::Approx;

std::vector<float> noise(std::size_t count, std::uint64_t key) {
  CounterRng rng(key);
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(rng.normal());
  }
  return values;
}

// Loss of one sample in double precision, straight from the definition.
double slow_loss(const std::vector<float>& logits, const Target& target,
                 const LossWeights& weights) {
  const auto divergence = [&](double temperature, const auto& q) {
    double total = 0;
    for (const float logit : logits) {
      total += std::exp(static_cast<double>(logit) / temperature);
    }
    double loss = 0;
    for (std::size_t j = 0; j < logits.size(); ++j) {
      const double log_p = static_cast<double>(logits[j]) / temperature - std::log(total);
      loss += q(j) > 0 ? q(j) * (std::log(q(j)) - log_p) : 0;
    }
    return loss;
  };
  const double soft = static_cast<double>(weights.soft);
  const double t = static_cast<double>(weights.temperature);
  const double hard = divergence(
      1.0, [&](std::size_t j) { return j == static_cast<std::size_t>(target.label) ? 1.0 : 0.0; });
  const double taught =
      divergence(t, [&](std::size_t j) { return static_cast<double>(target.soft[j]); });
  return (1 - soft) * hard + soft * t * t * taught;
}

}  // namespace

TEST_CASE("the loss' gradient is its finite difference, hard and soft") {
  const std::vector<float> teacher{0.1F, 0.6F, 0.05F, 0.25F};
  const std::vector<float> bias{0.1F, -0.2F, 0.3F, 0.0F};
  const LossWeights weights{0.4F, 2.0F};
  const Target target{2, teacher.data()};
  const auto raw = noise(4, 3);
  auto logits = raw;
  std::vector<float> delta(4);
  const SampleLoss loss =
      softmax_loss(logits.data(), bias.data(), 4, target, weights, 1.0F, delta.data());
  CHECK(loss.loss == Approx(slow_loss(logits, target, weights)).epsilon(1e-5));
  for (std::size_t j = 0; j < 4; ++j) {
    constexpr float kStep = 1e-2F;
    auto up = logits;
    auto down = logits;
    up[j] += kStep;
    down[j] -= kStep;
    const double numeric =
        (slow_loss(up, target, weights) - slow_loss(down, target, weights)) / (2.0 * 1e-2);
    CHECK(delta[j] == Approx(numeric).epsilon(1e-3));
  }
}

TEST_CASE("without a teacher only the label counts") {
  std::vector<float> logits{1.0F, 3.0F, 2.0F};
  const std::vector<float> bias(3, 0.0F);
  std::vector<float> delta(3);
  const SampleLoss loss =
      softmax_loss(logits.data(), bias.data(), 3, {1, nullptr}, {0.9F, 2.0F}, 1.0F, delta.data());
  CHECK(loss.correct);
  CHECK(loss.loss == Approx(std::log(1 + std::exp(-2.0) + std::exp(-1.0))));
  CHECK(delta[0] + delta[1] + delta[2] == Approx(0.0).epsilon(1e-6));
}

TEST_CASE("one Adam step follows the paper, with its average") {
  std::vector<float> value = noise(33, 1);
  std::vector<float> m = noise(33, 2);
  std::vector<float> v(33, 0.25F);
  std::vector<float> average = noise(33, 4);
  const auto grad = noise(33, 5);
  const auto value0 = value;
  const auto m0 = m;
  const auto average0 = average;
  const AdamStep step = adam_step(0.01, 7, 0.99);
  adam_update({value.data(), m.data(), v.data(), average.data()}, grad.data(), 33, step, 0.1F);
  for (std::size_t i = 0; i < 33; ++i) {
    const double g = static_cast<double>(grad[i]) + 0.1 * static_cast<double>(value0[i]);
    const double m1 = 0.9 * static_cast<double>(m0[i]) + 0.1 * g;
    const double v1 = 0.999 * 0.25 + 0.001 * g * g;
    const double m_hat = m1 / (1 - std::pow(0.9, 7));
    const double v_hat = v1 / (1 - std::pow(0.999, 7));
    const double next = static_cast<double>(value0[i]) - 0.01 * m_hat / (std::sqrt(v_hat) + 1e-8);
    CHECK(value[i] == Approx(next).epsilon(1e-5));
    CHECK(average[i] ==
          Approx(0.99 * static_cast<double>(average0[i]) + 0.01 * next).epsilon(1e-5));
  }
}

TEST_CASE("ReLU passes gradients of active units only, scaled by the gate") {
  const std::vector<float> pre{1.0F, -2.0F, 0.5F, 3.0F};
  const std::vector<float> bias{0.0F, 1.0F};
  const std::vector<float> gate{0.5F, 1.0F};
  std::vector<float> next(4);
  relu_gate(pre.data(), bias.data(), gate.data(), 2, 2, next.data());
  CHECK(next == std::vector<float>{0.5F, 0.0F, 0.25F, 4.0F});
  std::vector<float> grad{10.0F, 10.0F, 10.0F, 10.0F};
  relu_gate_backward(grad.data(), next.data(), gate.data(), 2, 2, grad.data());
  CHECK(grad == std::vector<float>{5.0F, 0.0F, 5.0F, 10.0F});
}

TEST_CASE("sums agree with loops in double") {
  const auto matrix = noise(7 * 19, 8);
  std::vector<float> sums(19);
  column_sums(matrix.data(), 7, 19, sums.data());
  double squares = 0;
  for (const float value : matrix) {
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  for (std::size_t j = 0; j < 19; ++j) {
    double sum = 0;
    for (std::size_t r = 0; r < 7; ++r) {
      sum += static_cast<double>(matrix[r * 19 + j]);
    }
    CHECK(sums[j] == Approx(sum).epsilon(1e-5));
  }
  CHECK(sum_of_squares(matrix.data(), matrix.size()) == Approx(squares).epsilon(1e-5));
  CHECK(dot(matrix.data(), matrix.data(), matrix.size()) == Approx(squares).epsilon(1e-5));
}

}  // namespace marvel::model
