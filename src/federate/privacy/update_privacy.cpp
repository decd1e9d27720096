#include "federate/privacy/update_privacy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

Result<double> setting(const wire::Config& config, const char* name) {
  const auto found = config.find(name);
  if (found == config.end()) {
    return 0.0;
  }
  const auto* value = std::get_if<double>(&found->second);
  if (value == nullptr || !std::isfinite(*value) || *value < 0) {
    return fail(Errc::kInput, fmt::format("the server's setting {} is no number above 0", name));
  }
  return *value;
}

double length_of(const Model& trained, const Model& global) {
  double sum = 0;
  for (std::size_t t = 0; t < global.size(); ++t) {
    for (std::size_t i = 0; i < global[t].size(); ++i) {
      const double difference = trained[t].at(i) - global[t].at(i);
      sum += difference * difference;
    }
  }
  return std::sqrt(sum);
}

Status check_shapes(const Model& trained, const Model& global) {
  bool same = trained.size() == global.size();
  for (std::size_t t = 0; same && t < global.size(); ++t) {
    same = trained[t].shape == global[t].shape;
  }
  return same ? Status{}
              : fail(Errc::kInput,
                     "the trained model has other shapes than the server's, so its "
                     "update cannot be clipped");
}

}  // namespace

Result<std::optional<UpdateRules>> update_rules(const wire::Config& config) {
  if (!config.contains(kClipSetting)) {
    return std::optional<UpdateRules>();
  }
  UpdateRules rules;
  MARVEL_TRY(rules.clip, setting(config, kClipSetting));
  MARVEL_TRY(rules.deviation, setting(config, kNoiseSetting));
  if (rules.clip <= 0) {
    return fail(Errc::kInput,
                fmt::format("the server's setting {} is no number above 0", kClipSetting));
  }
  return std::optional(rules);
}

double clip_factor(double norm, double clip) {
  return norm > clip ? clip / norm : 1.0;
}

double update_length(const Update& update, const Model& global) {
  return std::sqrt(squared_distance(update, global));
}

Status make_private(Model& trained, const Model& global, const UpdateRules& rules,
                    SecretRandom& random) {
  MARVEL_TRY_STATUS(check_shapes(trained, global));
  const double factor = clip_factor(length_of(trained, global), rules.clip);
  const bool noisy = rules.deviation > 0;
  const double grid = noisy ? snap_step(rules.deviation) : 0;
  std::vector<double> noise;
  for (std::size_t t = 0; t < global.size(); ++t) {
    noise.assign(global[t].size(), 0);
    if (noisy) {
      gaussian(random, rules.deviation, noise);
    }
    std::visit(
        [&](auto& values) {
          for (std::size_t i = 0; i < values.size(); ++i) {
            using T = typename std::decay_t<decltype(values)>::value_type;
            const double x = global[t].at(i);
            const double step = factor * (static_cast<double>(values[i]) - x) + noise[i];
            values[i] = static_cast<T>(x + (noisy ? snap(step, grid) : step));
          }
        },
        trained[t].values);
  }
  return {};
}

}  // namespace marvel::federate
