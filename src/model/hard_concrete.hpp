#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace marvel::model {

// The hard concrete gate of Louizos, Welling and Kingma, "Learning Sparse Neural Networks through
// L0 Regularization" (ICLR 2018), section 2.3; MARVEL D3.2, 4.1.1.1. One gate is a number z in
// [0, 1] that is exactly 0 and exactly 1 with positive probability:
//   s = sigmoid((ln u - ln(1 - u) + log_alpha) / T),  u uniform in (eps, 1 - eps)
//   z = min(1, max(0, s (hi - lo) + lo))
// log_alpha is learned; it is kept within +-kMaxLogAlpha so that no gate ever freezes.
//
// Training draws each gate anew in each step (draw_gates); everything else uses the test gate. The
// price of a gate is open_probability(), which has a gradient where the draw has none. All
// functions are pure.
inline constexpr float kGateLow = -0.1F;
inline constexpr float kGateHigh = 1.1F;
inline constexpr float kGateTemperature = 2.0F / 3.0F;
inline constexpr float kGateEpsilon = 1e-6F;
inline constexpr float kMaxLogAlpha = 4.605170F;  // ln 100
// -T ln(-lo / hi): P(z > 0) = sigmoid(log_alpha + kOpenShift).
inline constexpr float kOpenShift = 1.598597F;

template <class Float>
[[nodiscard]] Float sigmoid(Float x) {
  return Float(1) / (Float(1) + std::exp(-x));
}

// Probability that a gate is not exactly zero, the gate's expected L0 norm.
template <class Float>
[[nodiscard]] Float open_probability(Float log_alpha) {
  return sigmoid(log_alpha + Float(kOpenShift));
}

// The gate without noise, used for everything but training. Zero iff log_alpha <= -2.3979.
template <class Float>
[[nodiscard]] Float test_gate(Float log_alpha) {
  const Float stretched = sigmoid(log_alpha) * Float(kGateHigh - kGateLow) + Float(kGateLow);
  return stretched < Float(0) ? Float(0) : (stretched > Float(1) ? Float(1) : stretched);
}

// One training draw and its derivative with respect to log_alpha (0 where z is clipped). `u` is in
// (0, 1); the same u and log_alpha give the same draw.
struct GateDraw {
  float z;
  float slope;
};
[[nodiscard]] GateDraw draw_gate(float u, float log_alpha);

// Draws the gates [begin, end) of one layer for one step. Element i depends only on (key, i), so
// any split over threads gives the same gates. The spans have the layer's width; elements outside
// of [begin, end) are not touched. A key is for one layer in one step.
void draw_gates(std::uint64_t key, std::span<const float> log_alpha, std::size_t begin,
                std::size_t end, std::span<float> z, std::span<float> slope);

}  // namespace marvel::model
