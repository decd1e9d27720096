#include "federate/array/number_loops.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

// Sizes around the width of vector instructions, and one of many of them.
constexpr std::size_t kSizes[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 33, 1000};

template <class T>
std::vector<T> uneven(std::size_t count) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = std::sin(static_cast<T>(i) + 1) / 3;
  }
  return values;
}

TEST_CASE_TEMPLATE("all_within finds one value at any place", T, float, double) {
  const T highest = std::numeric_limits<T>::max();
  for (const auto size : kSizes) {
    std::vector<T> values(size, highest);
    CHECK(all_within(std::span<const T>(values), highest));
    for (std::size_t i = 0; i < size; ++i) {
      for (const T bad : {std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
                          std::numeric_limits<T>::quiet_NaN()}) {
        values[i] = bad;
        CHECK_FALSE(all_within(std::span<const T>(values), highest));
      }
      values[i] = -highest;
    }
    CHECK(all_within(std::span<const T>(values), highest));
  }
}

TEST_CASE_TEMPLATE("largest finds one value at any place, and a NaN before it", T, float, double) {
  for (const auto size : kSizes) {
    std::vector<T> values(size, T(-0.5));
    CHECK(largest(std::span<const T>(values)) == (size > 0 ? T(0.5) : T(0)));
    for (std::size_t i = 0; i < size; ++i) {
      values[i] = -std::numeric_limits<T>::max();
      CHECK(largest(std::span<const T>(values)) == std::numeric_limits<T>::max());
      values[i] = -std::numeric_limits<T>::quiet_NaN();
      CHECK(std::isnan(largest(std::span<const T>(values))));
      values[i] = T(-0.5);
    }
  }
}

TEST_CASE_TEMPLATE("all_within holds values against the bound, which is allowed", T, float,
                   double) {
  const std::vector<T> values{T(65504), T(-65504), T(0)};
  CHECK(all_within(std::span<const T>(values), T(65504)));
  CHECK_FALSE(all_within(std::span<const T>(values), T(65503)));
}

TEST_CASE_TEMPLATE("add_scaled rounds the product and then the sum, to the bit", T, float, double) {
  for (const auto size : kSizes) {
    const auto from = uneven<T>(size);
    std::vector<T> to(size, T(0.1));
    add_scaled(std::span<T>(to), T(10) / 3, std::span<const T>(from));
    for (std::size_t i = 0; i < size; ++i) {
      const volatile T product = T(10) / 3 * from[i];  // rounded, whatever the compiler would do
      CHECK(to[i] == T(0.1) + product);
    }
  }
}

TEST_CASE_TEMPLATE("numbers at odd addresses are read as others are", T, float, double) {
  for (const auto size : kSizes) {
    const auto from = uneven<T>(size);
    std::string bytes(1 + size * sizeof(T), '\0');
    for (std::size_t i = 0; i < size; ++i) {
      std::memcpy(bytes.data() + 1 + i * sizeof(T), &from[i], sizeof(T));
    }
    const PackedNumbers<T> packed(std::string_view(bytes).substr(1));
    CHECK(largest(packed) == largest(std::span<const T>(from)));
    std::vector<T> to(size, T(0.1));
    auto wanted = to;
    add_scaled(std::span<T>(to), T(10) / 3, packed);
    add_scaled(std::span<T>(wanted), T(10) / 3, std::span<const T>(from));
    CHECK(to == wanted);
  }
}

TEST_CASE_TEMPLATE("divide divides, to the bit", T, float, double) {
  for (const auto size : kSizes) {
    const auto before = uneven<T>(size);
    auto values = before;
    divide(std::span<T>(values), T(7));
    for (std::size_t i = 0; i < size; ++i) {
      CHECK(values[i] == before[i] / T(7));
    }
  }
}

}  // namespace
}  // namespace marvel::federate
