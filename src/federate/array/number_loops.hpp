#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace marvel::federate {

// Numbers as they lie in a message: one after the other, in this machine's byte order, at any
// address. Refers to memory of others.
template <class T>
class PackedNumbers {
 public:
  // As many as `bytes` has whole ones.
  explicit PackedNumbers(std::string_view bytes)
      : bytes_(bytes.data()), count_(bytes.size() / sizeof(T)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): aligned numbers are packed ones, too
  PackedNumbers(std::span<const T> values)
      : bytes_(reinterpret_cast<const char*>(values.data())), count_(values.size()) {}

  [[nodiscard]] const char* bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  // Element i, for i < size().
  T operator[](std::size_t i) const {
    T value;
    std::memcpy(&value, bytes_ + i * sizeof(T), sizeof(T));
    return value;
  }

 private:
  const char* bytes_;
  std::size_t count_;
};

// The loops over whole models, in a file that is compiled for speed. They are plain loops: the
// order of operations, and so the last bit, is that of the elements. Multiplication and addition
// are not fused, so every machine rounds alike. No function allocates or keeps state.

// Whether each value is in [-most, most]; a NaN is not. It always looks at all of them, because an
// early end would keep the loop from becoming vector instructions.
[[nodiscard]] bool all_within(std::span<const float> values, float most);
[[nodiscard]] bool all_within(std::span<const double> values, double most);

// The largest |value|, 0 of none; a NaN counts as larger than all numbers.
[[nodiscard]] float largest(PackedNumbers<float> values);
[[nodiscard]] double largest(PackedNumbers<double> values);

// to_i += coefficient * from_i. Both have the same size (another one is a mistake of ours and ends
// the program) and do not overlap.
void add_scaled(std::span<float> to, float coefficient, PackedNumbers<float> from);
void add_scaled(std::span<double> to, double coefficient, PackedNumbers<double> from);

// value_i /= divisor. A divisor of 0 gives infinities and NaN.
void divide(std::span<float> values, float divisor);
void divide(std::span<double> values, double divisor);

}  // namespace marvel::federate
