#pragma once

#include <span>
#include <string_view>

namespace marvel::regex {

// The vector instructions that the search has loops for, each with all before it. Which of them a
// machine has is found out when the program runs, so one program serves all machines; all of them
// find the same, and on other processors than x86-64 there is only kNone.
//
// kAvx2 asks for POPCNT and BMI1 as well. kAvx512 asks for AVX-512 F, BW, DQ and VBMI: Ice Lake,
// Zen 4 and later. Earlier processors lower their clock for such instructions and are better off
// with AVX2.
enum class Simd { kNone, kSsse3, kAvx2, kAvx512 };

// The last of supported_simd().
Simd best_simd();
// What this machine has, kNone first. Tests run every loop of it.
std::span<const Simd> supported_simd();
// "plain", "ssse3", "avx2", "avx512".
std::string_view simd_name(Simd simd);

}  // namespace marvel::regex
