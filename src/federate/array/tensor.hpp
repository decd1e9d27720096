#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace marvel::federate {

// Element types of numpy that can travel: everything numeric. Objects (pickle) never.
enum class Dtype {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat16,
  kFloat32,
  kFloat64,
};

[[nodiscard]] std::size_t dtype_bytes(Dtype dtype);
// "float32", as numpy names it.
[[nodiscard]] std::string_view dtype_name(Dtype dtype);
[[nodiscard]] bool is_float(Dtype dtype);

using Shape = std::vector<std::uint64_t>;  // empty: a scalar

// "(3, 4)", "(3,)" or "()", as Python writes it.
[[nodiscard]] std::string shape_text(const Shape& shape);
// The product; 1 for a scalar. The shape must come from a checked header or from us.
[[nodiscard]] std::size_t element_count(const Shape& shape);

// One array in C order. `dtype` is what it is on the wire and in files; in memory float16 and
// float32 are float, and everything else is double (integers beyond 2^53 lose their last digits,
// as they do in Flower, whose means of integers are float64).
struct Tensor {
  Dtype dtype = Dtype::kFloat32;
  Shape shape;
  std::variant<std::vector<float>, std::vector<double>> values;  // element_count(shape) of them

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] double at(std::size_t i) const;
};

[[nodiscard]] bool held_as_float(Dtype dtype);

// All elements zero.
[[nodiscard]] Tensor make_tensor(Dtype dtype, Shape shape);

// The parameters of a network in the order of the wire. They have no names there.
using Model = std::vector<Tensor>;

[[nodiscard]] std::size_t model_elements(const Model& model);
// A model of zeros with the types and shapes of `like`.
[[nodiscard]] Model zeros_like(const Model& like);

// float16 as IEEE 754 binary16. Narrowing rounds to nearest, ties to even; what is too large
// becomes an infinity.
[[nodiscard]] float half_to_float(std::uint16_t half);
[[nodiscard]] std::uint16_t float_to_half(float value);

// The nearest value that `dtype` can hold, as a double: integers are rounded (ties to even) and
// cut to their range, bool is value != 0.
[[nodiscard]] double fit_to(Dtype dtype, double value);

}  // namespace marvel::federate
