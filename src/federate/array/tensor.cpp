#include "federate/array/tensor.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

struct DtypeFacts {
  std::string_view name;
  std::size_t bytes;
  double lowest;  // of integers
  double highest;
};

constexpr double kTwo63 = 9223372036854775808.0;
constexpr std::array<DtypeFacts, 12> kFacts{{{"bool", 1, 0, 1},
                                             {"int8", 1, -128, 127},
                                             {"int16", 2, -32768, 32767},
                                             {"int32", 4, -2147483648.0, 2147483647.0},
                                             {"int64", 8, -kTwo63, 9223372036854774784.0},
                                             {"uint8", 1, 0, 255},
                                             {"uint16", 2, 0, 65535},
                                             {"uint32", 4, 0, 4294967295.0},
                                             {"uint64", 8, 0, 18446744073709549568.0},
                                             {"float16", 2, 0, 0},
                                             {"float32", 4, 0, 0},
                                             {"float64", 8, 0, 0}}};

const DtypeFacts& facts(Dtype dtype) {
  return kFacts[static_cast<std::size_t>(dtype)];
}

// Zeroing fresh memory costs more for the fault of each of its pages than for the zeros, so a large
// array gets its pages in one call before it is touched. Only those that lie wholly inside are
// asked for. A kernel before 5.14, or one that has no memory left, is no error here: the faults
// follow.
void fetch_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_POPULATE_WRITE
  constexpr std::size_t kLarge = std::size_t{1} << 20U;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* first = memory;
  std::size_t left = bytes;
  if (bytes >= kLarge && std::align(page, page, first, left) != nullptr) {
    (void)::madvise(first, left - left % page, MADV_POPULATE_WRITE);
  }
#endif
}

template <class T>
std::vector<T> zeros(std::size_t count) {
  std::vector<T> values;
  values.reserve(count);
  fetch_pages(values.data(), count * sizeof(T));
  values.resize(count);
  return values;
}

}  // namespace

std::size_t dtype_bytes(Dtype dtype) {
  return facts(dtype).bytes;
}

std::string_view dtype_name(Dtype dtype) {
  return facts(dtype).name;
}

bool is_float(Dtype dtype) {
  return dtype >= Dtype::kFloat16;
}

bool held_as_float(Dtype dtype) {
  return dtype == Dtype::kFloat16 || dtype == Dtype::kFloat32;
}

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const auto extent : shape) {
    count *= extent;
  }
  return count;
}

std::size_t Tensor::size() const {
  return std::visit([](const auto& v) { return v.size(); }, values);
}

double Tensor::at(std::size_t i) const {
  return std::visit([i](const auto& v) { return static_cast<double>(v[i]); }, values);
}

Tensor make_tensor(Dtype dtype, Shape shape) {
  Tensor tensor{dtype, std::move(shape), {}};
  const std::size_t count = element_count(tensor.shape);
  if (held_as_float(dtype)) {
    tensor.values = zeros<float>(count);
  } else {
    tensor.values = zeros<double>(count);
  }
  return tensor;
}

std::size_t model_elements(const Model& model) {
  std::size_t count = 0;
  for (const auto& tensor : model) {
    count += tensor.size();
  }
  return count;
}

Model zeros_like(const Model& like) {
  Model model;
  model.reserve(like.size());
  for (const auto& tensor : like) {
    model.push_back(make_tensor(tensor.dtype, tensor.shape));
  }
  return model;
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {  // zero and subnormal numbers: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1fU ? 0xffU : exponent + 112U;
  return std::bit_cast<float>(sign | (wide << 23U) | (fraction << 13U));
}

std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) {
    return static_cast<std::uint16_t>(sign | 0x7e00U);  // NaN
  }
  if (magnitude >= 0x477ff000U) {  // 65520 and above round to infinity
    return static_cast<std::uint16_t>(sign | 0x7c00U);
  }
  if (magnitude < 0x38800000U) {  // below the smallest normal number: in units of 2^-24
    const float units = std::bit_cast<float>(magnitude) * 0x1p24F;
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(units)));
  }
  const std::uint32_t odd = (magnitude >> 13U) & 1U;
  const std::uint32_t rounded = magnitude + 0xfffU + odd - 0x38000000U;
  return static_cast<std::uint16_t>(sign | (rounded >> 13U));
}

double fit_to(Dtype dtype, double value) {
  if (is_float(dtype)) {
    return value;
  }
  if (dtype == Dtype::kBool) {
    return value != 0 ? 1 : 0;
  }
  const auto& range = facts(dtype);
  const double rounded = std::nearbyint(value);
  if (!(rounded > range.lowest)) {
    return range.lowest;
  }
  return rounded < range.highest ? rounded : range.highest;
}

}  // namespace marvel::federate
