#pragma once

#include <span>

namespace marvel::federate {

// The loops over whole models, in a file that is compiled for speed. They are plain loops: the
// order of operations, and so the last bit, is that of the elements. Multiplication and addition
// are not fused, so every machine rounds alike. No function allocates or keeps state.

// Whether each value is in [-most, most]; a NaN is not. It always looks at all of them, because an
// early end would keep the loop from becoming vector instructions.
[[nodiscard]] bool all_within(std::span<const float> values, float most);
[[nodiscard]] bool all_within(std::span<const double> values, double most);

// The largest |value|, 0 of none; a NaN counts as larger than all numbers.
[[nodiscard]] float largest(std::span<const float> values);
[[nodiscard]] double largest(std::span<const double> values);

// to_i += coefficient * from_i. Both have the same size (another one is a mistake of ours and ends
// the program) and do not overlap.
void add_scaled(std::span<float> to, float coefficient, std::span<const float> from);
void add_scaled(std::span<double> to, double coefficient, std::span<const double> from);

// value_i /= divisor. A divisor of 0 gives infinities and NaN.
void divide(std::span<float> values, float divisor);
void divide(std::span<double> values, double divisor);

}  // namespace marvel::federate
