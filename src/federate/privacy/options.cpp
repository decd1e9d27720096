#include "federate/privacy/options.hpp"

#include <array>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

Status want(bool fine, const char* flag, const char* range) {
  return fine ? Status{} : fail(Errc::kUsage, fmt::format("{} must be {}", flag, range));
}

}  // namespace

const char* privacy_mode_name(PrivacyMode mode) {
  constexpr std::array<const char*, 2> kNames{"server", "client"};
  return kNames[static_cast<std::size_t>(mode)];
}

double accounted_rate(const PrivacyOptions& options) {
  return options.mode == PrivacyMode::kClient ? 1 : options.sampling_rate;
}

double accounted_noise(const PrivacyOptions& options) {
  return options.mode == PrivacyMode::kClient ? options.noise / 2 : options.noise;
}

Status validate(const PrivacyOptions& o) {
  MARVEL_TRY_STATUS(want(o.clip > 0, "--dp-clip", "above 0"));
  MARVEL_TRY_STATUS(want(o.noise > 0, "--dp-noise", "above 0"));
  MARVEL_TRY_STATUS(want(o.delta > 0 && o.delta < 1, "--dp-delta", "in (0, 1)"));
  if (!o.target_epsilon) {
    return {};
  }
  MARVEL_TRY_STATUS(want(*o.target_epsilon > 0, "--dp-target-epsilon", "above 0"));
  std::vector<Release> one;
  add_round(one, accounted_rate(o), accounted_noise(o));
  const double epsilon = privacy_loss(one, o.delta).epsilon;
  if (epsilon > *o.target_epsilon) {
    return fail(Errc::kUsage,
                fmt::format("one round alone costs epsilon {:.3g}, more than --dp-target-epsilon "
                            "{:g}",
                            epsilon, *o.target_epsilon),
                "raise --dp-noise or ask fewer of the clients per round");
  }
  return {};
}

}  // namespace marvel::federate
