#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"
#include "federate/privacy/noise.hpp"
#include "federate/strategy/update.hpp"
#include "federate/wire/message.hpp"

#include <optional>

namespace marvel::federate {

// What a server asks clients to do to their updates, as settings of a fit:
//   "marvel.dp.clip"   longest update, L2 over all tensors together; > 0
//   "marvel.dp.noise"  standard deviation of normal noise on each element; absent or 0: none
// A client that has done so says "marvel.dp" = true among its metrics, and beside it the two
// settings as it has obeyed them, under their names: update_rules() of the metrics has them.
//
// With PrivacyMode::kServer the noise is absent and the clipping a courtesy: the server clips
// again. With kClient all protection is here. It is done after training and before the update is
// encoded, kept or sent, so nothing unprotected leaves the client (client/conversation.cpp).
inline constexpr const char* kClipSetting = "marvel.dp.clip";
inline constexpr const char* kNoiseSetting = "marvel.dp.noise";
inline constexpr const char* kPrivateMetric = "marvel.dp";

// In the units of the model's parameters, checked: `clip` > 0, `deviation` >= 0, both finite.
struct UpdateRules {
  double clip = 0;
  double deviation = 0;
  bool operator==(const UpdateRules&) const = default;
};
// None where `config` has no clip, whatever else it has; kInput for values that cannot be obeyed.
Result<std::optional<UpdateRules>> update_rules(const wire::Config& config);

// The factor that brings an update of length `norm` to at most `clip`: min(1, clip / norm). Shared
// by server and client, so that both mean the same.
[[nodiscard]] double clip_factor(double norm, double clip);
// L2 length of update - global over all tensors together. Shapes must agree.
[[nodiscard]] double update_length(const Update& update, const Model& global);

// Makes `trained` - `global` no longer than the rules say and adds their noise. kInput when the two
// have different shapes; then nothing has changed. Each change is computed in double, and a noisy
// one is rounded to snap_step's grid. Memory: a double per element of the largest tensor.
Status make_private(Model& trained, const Model& global, const UpdateRules& rules,
                    SecretRandom& random);

}  // namespace marvel::federate
