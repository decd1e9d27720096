#include "federate/array/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("every half number survives the way to float and back") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = half_to_float(half);
    if (std::isnan(wide)) {
      CHECK(std::isnan(half_to_float(float_to_half(wide))));
    } else {
      CHECK(float_to_half(wide) == half);
    }
  }
}

TEST_CASE("narrowing to half rounds to nearest, ties to even") {
  CHECK(half_to_float(float_to_half(1.0F)) == 1.0F);
  CHECK(float_to_half(65519.0F) == 0x7bff);  // the largest finite one
  CHECK(float_to_half(65520.0F) == 0x7c00);
  CHECK(float_to_half(2049.0F) == float_to_half(2048.0F));
  CHECK(float_to_half(2051.0F) == float_to_half(2052.0F));
  CHECK(float_to_half(0x1p-25F) == 0);  // half of the smallest: the tie goes to zero
  CHECK(float_to_half(0x1.8p-24F) == 2);
}

TEST_CASE("integers are rounded and cut to what their type can hold") {
  CHECK(fit_to(Dtype::kInt8, 200) == 127);
  CHECK(fit_to(Dtype::kInt8, -200) == -128);
  CHECK(fit_to(Dtype::kUint8, 2.5) == 2);
  CHECK(fit_to(Dtype::kUint8, -1) == 0);
  CHECK(fit_to(Dtype::kBool, 0.3) == 1);
  CHECK(fit_to(Dtype::kInt64, std::numeric_limits<double>::quiet_NaN()) == -0x1p63);
  CHECK(fit_to(Dtype::kFloat32, 0.1) == 0.1);
}

TEST_CASE("shapes read as Python writes them") {
  CHECK(shape_text({}) == "()");
  CHECK(shape_text({3}) == "(3,)");
  CHECK(shape_text({3, 4}) == "(3, 4)");
  CHECK(element_count({}) == 1);
  CHECK(element_count({2, 0, 5}) == 0);
  CHECK(model_elements(zeros_like({make_tensor(Dtype::kInt8, {2, 3})})) == 6);
}

TEST_CASE("a new array is zero, whatever its size") {
  const auto zero = [](auto value) { return value == 0; };
  for (const std::uint64_t size : {0U, 1U, 1000U, 262143U, 262144U, 3000001U}) {
    const Tensor narrow = make_tensor(Dtype::kFloat32, {size});
    const auto& floats = std::get<std::vector<float>>(narrow.values);
    REQUIRE(floats.size() == size);
    CHECK(std::all_of(floats.begin(), floats.end(), zero));
    const Tensor wide = make_tensor(Dtype::kFloat64, {size});
    const auto& doubles = std::get<std::vector<double>>(wide.values);
    REQUIRE(doubles.size() == size);
    CHECK(std::all_of(doubles.begin(), doubles.end(), zero));
  }
}

}  // namespace marvel::federate
