#include "regex/simd.hpp"

#include <array>
#include <cstddef>

namespace marvel::regex {
namespace {

constexpr std::array kAll{Simd::kNone, Simd::kSsse3, Simd::kAvx2, Simd::kAvx512};

std::size_t count_supported() {
#if defined(__x86_64__)
  // The builtins also ask whether the system saves the registers.
  if (__builtin_cpu_supports("ssse3") == 0) {
    return 1;
  }
  if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("popcnt") == 0 ||
      __builtin_cpu_supports("bmi") == 0) {
    return 2;
  }
  if (__builtin_cpu_supports("avx512f") == 0 || __builtin_cpu_supports("avx512bw") == 0 ||
      __builtin_cpu_supports("avx512dq") == 0 || __builtin_cpu_supports("avx512vbmi") == 0) {
    return 3;
  }
  return 4;
#else
  return 1;
#endif
}

}  // namespace

std::span<const Simd> supported_simd() {
  static const std::size_t kCount = count_supported();
  return std::span(kAll).first(kCount);
}

Simd best_simd() {
  return supported_simd().back();
}

std::string_view simd_name(Simd simd) {
  switch (simd) {
    case Simd::kNone:
      return "plain";
    case Simd::kSsse3:
      return "ssse3";
    case Simd::kAvx2:
      return "avx2";
    case Simd::kAvx512:
      return "avx512";
  }
  return "?";
}

}  // namespace marvel::regex
