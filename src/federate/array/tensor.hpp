#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace marvel::federate {

// Element types of numpy that can travel: everything numeric. Objects (pickle) never. Tables
// elsewhere follow this order, and the floating-point types are last.
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

// Of one element on the wire and in files; memory has 4 or 8 bytes for it (see Tensor).
[[nodiscard]] std::size_t dtype_bytes(Dtype dtype);
// "float32", as numpy names it.
[[nodiscard]] std::string_view dtype_name(Dtype dtype);
// float16, float32 or float64; bool counts among the whole numbers.
[[nodiscard]] bool is_float(Dtype dtype);

using Shape = std::vector<std::uint64_t>;  // empty: a scalar

// "(3, 4)", "(3,)" or "()", as Python writes it.
[[nodiscard]] std::string shape_text(const Shape& shape);
// The product; 1 for a scalar. The shape must come from a checked header or from us, because an
// overflow is not noticed.
[[nodiscard]] std::size_t element_count(const Shape& shape);

// One array in C order. `dtype` is what it is on the wire and in files; in memory float16 and
// float32 are float, and everything else is double (integers beyond 2^53 lose their last digits,
// as they do in Flower, whose means of integers are float64).
//
// A tensor owns its values; copies are deep. Who fills `values` keeps both halves of the invariant:
// the alternative is vector<float> exactly if held_as_float(dtype), and it has element_count(shape)
// elements. Code that works in the tensor's own precision visits the variant once per tensor:
//   std::visit([&](auto& values) { for (auto& value : values) value *= 2; }, tensor.values);
struct Tensor {
  Dtype dtype = Dtype::kFloat32;
  Shape shape;
  std::variant<std::vector<float>, std::vector<double>> values;  // element_count(shape) of them

  // Elements, as many as `values` has.
  [[nodiscard]] std::size_t size() const;
  // Element `i` < size(), in C order. Looks at the variant in each call.
  [[nodiscard]] double at(std::size_t i) const;
};

// Whether memory has float for this type, and double otherwise.
[[nodiscard]] bool held_as_float(Dtype dtype);

// All elements zero. A large array gets its pages in one call of the system, which is cheaper than
// their faults one by one.
[[nodiscard]] Tensor make_tensor(Dtype dtype, Shape shape);

// The parameters of a network in the order of the wire. They have no names there: number, order and
// shapes are all that server and clients agree on. What is shared is a shared_ptr<const Model>,
// whose elements messages refer to without a copy (encode_npy).
using Model = std::vector<Tensor>;

// Of all tensors together: the number of parameters.
[[nodiscard]] std::size_t model_elements(const Model& model);
// A model of zeros with the types and shapes of `like`.
[[nodiscard]] Model zeros_like(const Model& like);

// float16 as IEEE 754 binary16. Narrowing rounds to nearest, ties to even; what is too large (from
// 65520 on) becomes an infinity, a NaN stays one, and subnormal numbers are kept.
[[nodiscard]] float half_to_float(std::uint16_t half);
[[nodiscard]] std::uint16_t float_to_half(float value);

// The nearest value that `dtype` can hold, as a double: integers are rounded (ties to even) and cut
// to their range, bool is value != 0. Floating-point types give `value` back as it is, because a
// cast rounds it. NaN becomes the lowest integer. The highest int64 and uint64 are those that a
// double can express, a little below the types' own.
[[nodiscard]] double fit_to(Dtype dtype, double value);

}  // namespace marvel::federate
