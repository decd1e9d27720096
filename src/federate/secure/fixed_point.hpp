#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace marvel::federate::secure {

// Updates as whole numbers modulo 2^64, because masks only vanish in exact sums:
//
//   element i   round(weight * (trained_i - global_i) * 2^24) in two's complement
//   last        weight
//
// Bounds keep a sum of 255 clients below 2^62: changes of at most 256, weights of at most 2^22.
// The mean is off by at most 2^-25 per element (half a step of a client with weight 1).
//
// A client calls to_fixed and masks the result; the server adds up what comes and calls from_fixed
// on the sum without masks. Both start from the same `global`.
inline constexpr double kLargestChange = 256;
inline constexpr std::int64_t kLargestWeight = std::int64_t{1} << 22U;

// model_elements(global) + 1 numbers, tensors end to end. kInput for other shapes, for a weight out
// of [0, 2^22], and for a change that is too large or no number. `weight`: examples, or 1 where all
// count alike; with 0 the client adds nothing.
Result<std::vector<std::uint64_t>> to_fixed(const Model& trained, const Model& global,
                                            std::int64_t weight);

struct FixedMean {
  Model model;  // global + sum / weight; global where the weight is 0
  std::uint64_t weight = 0;
};
// `sum` has model_elements(global) + 1 numbers. kInput when its weight cannot be one of clients
// within the bounds: the masks have not vanished. Masked numbers are uniform, so that goes
// unnoticed once in 2^34 times. Whole-number tensors are not rounded here.
Result<FixedMean> from_fixed(std::span<const std::uint64_t> sum, const Model& global);

}  // namespace marvel::federate::secure
