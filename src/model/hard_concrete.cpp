#include "model/hard_concrete.hpp"

#include "base/random.hpp"

namespace marvel::model {
namespace {

constexpr float kStretch = kGateHigh - kGateLow;

// Uniform in (eps, 1 - eps), from 24 random bits.
float gate_noise(std::uint64_t bits) {
  const float r = (static_cast<float>(bits >> 40U) + 0.5F) * 0x1.0p-24F;
  return kGateEpsilon + (1.0F - 2.0F * kGateEpsilon) * r;
}

}  // namespace

GateDraw draw_gate(float u, float log_alpha) {
  const float logit = std::log(u) - std::log1p(-u);
  const float s = sigmoid((logit + log_alpha) / kGateTemperature);
  const float stretched = s * kStretch + kGateLow;
  if (stretched <= 0.0F) {
    return {0.0F, 0.0F};
  }
  if (stretched >= 1.0F) {
    return {1.0F, 0.0F};
  }
  return {stretched, kStretch * s * (1.0F - s) / kGateTemperature};
}

void draw_gates(std::uint64_t key, std::span<const float> log_alpha, std::size_t begin,
                std::size_t end, std::span<float> z, std::span<float> slope) {
  for (std::size_t i = begin; i < end; ++i) {
    const GateDraw draw = draw_gate(gate_noise(mix(key + 0x9e3779b97f4a7c15U * i)), log_alpha[i]);
    z[i] = draw.z;
    slope[i] = draw.slope;
  }
}

}  // namespace marvel::model
