// Compiled with -O3, so that the loops become vector instructions, and without fused
// multiplication and addition, so that every machine rounds alike (see CMakeLists.txt).
#include "federate/array/number_loops.hpp"

#include "base/check.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace marvel::federate {
namespace {

template <class T>
bool within(std::span<const T> values, T most) {
  // As wide as the numbers, and no way out of the loop: both keep it from becoming scalar.
  using Mask = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  Mask outside = 0;
  for (const T value : values) {
    outside |= static_cast<Mask>(!(std::abs(value) <= most));
  }
  return outside == 0;
}

// Without their sign, numbers of IEEE 754 are ordered as whole numbers with the same bits are; a
// maximum of those becomes vector instructions, one of floating-point numbers does not.
template <class T>
T most(PackedNumbers<T> values) {
  using Whole = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  Whole found = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Whole size = std::bit_cast<Whole>(values[i]) & std::numeric_limits<Whole>::max();
    found = size > found ? size : found;
  }
  return std::bit_cast<T>(found);
}

// As bytes may be anything, also what is written to, the compiler is told that they are not.
template <class T>
void add(T* __restrict to, T coefficient, const char* __restrict bytes, std::size_t count) {
  const PackedNumbers<T> from(std::string_view(bytes, count * sizeof(T)));
  for (std::size_t i = 0; i < count; ++i) {
    to[i] += coefficient * from[i];
  }
}

}  // namespace

bool all_within(std::span<const float> values, float most) {
  return within(values, most);
}

bool all_within(std::span<const double> values, double most) {
  return within(values, most);
}

float largest(PackedNumbers<float> values) {
  return most(values);
}

double largest(PackedNumbers<double> values) {
  return most(values);
}

void add_scaled(std::span<float> to, float coefficient, PackedNumbers<float> from) {
  MARVEL_CHECK(to.size() == from.size(), "add_scaled: two sizes");
  add(to.data(), coefficient, from.bytes(), to.size());
}

void add_scaled(std::span<double> to, double coefficient, PackedNumbers<double> from) {
  MARVEL_CHECK(to.size() == from.size(), "add_scaled: two sizes");
  add(to.data(), coefficient, from.bytes(), to.size());
}

void divide(std::span<float> values, float divisor) {
  for (float& value : values) {
    value /= divisor;
  }
}

void divide(std::span<double> values, double divisor) {
  for (double& value : values) {
    value /= divisor;
  }
}

}  // namespace marvel::federate
