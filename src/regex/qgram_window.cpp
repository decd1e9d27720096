#include "regex/qgram_window.hpp"

#include "regex/qgram_hash.hpp"

#include <array>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace marvel::regex {
namespace {

// The windows around one probe.
void keep_around(const WindowTest& test, std::uint32_t at, Windowing& windowing) {
  const bool inside = at + kHashReach <= windowing.text.size();
  for (std::uint32_t offset = 0; offset < test.offsets && offset <= at; ++offset) {
    windowing.list[windowing.count] = at - offset;
    if (inside) {
      const std::uint32_t place =
          window_hash(windowing.text.data() + (at - offset), test.mask) >> (test.shift - 32);
      windowing.count += test.bits[place / 32] >> (place % 32) & 1U;
    } else {
      ++windowing.count;
    }
  }
}

}  // namespace

void keep_windows_plain(const WindowTest& test, Windowing& windowing) {
  for (; windowing.next < windowing.probe_count; ++windowing.next) {
    keep_around(test, windowing.probes[windowing.next], windowing);
  }
}

#if defined(__x86_64__)
namespace {

#define MARVEL_AVX512 "avx512f,avx512bw,avx512dq,avx512vbmi,popcnt"

constexpr std::uint32_t kLanes = 16;

// Which probe of a vector each lane looks around, and how far before it.
struct LanePlan {
  std::array<std::uint32_t, kLanes> probe{};
  std::array<std::uint32_t, kLanes> before{};

  explicit LanePlan(std::uint32_t offsets) {
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      probe[lane] = lane / offsets;
      before[lane] = lane % offsets;
    }
  }
};

// The places in the table of the eight windows at `base` plus `starts`.
__attribute__((target(MARVEL_AVX512))) __m256i places8(const char* base, __m256i starts,
                                                       __m512i fold, __m512i mask, __m128i shift) {
  const __m512i bytes = _mm512_i32gather_epi64(starts, base, 1);
  const __m512i product =
      _mm512_mullo_epi64(_mm512_and_si512(_mm512_or_si512(bytes, fold), mask),
                         _mm512_set1_epi64(static_cast<long long>(QgramFilter::kWindow)));
  return _mm512_cvtepi64_epi32(_mm512_srl_epi64(product, shift));
}

// Sixteen windows at a time, of as many probes as fit.
__attribute__((target(MARVEL_AVX512))) void keep_windows_avx512(const WindowTest& test,
                                                                Windowing& windowing) {
  while (windowing.next < windowing.probe_count &&
         windowing.probes[windowing.next] + 1 < test.offsets) {
    keep_around(test, windowing.probes[windowing.next++], windowing);  // near the text's begin
  }
  const LanePlan plan(test.offsets);
  const std::uint32_t per_turn = kLanes / test.offsets;
  const auto used = static_cast<__mmask16>((1U << (per_turn * test.offsets)) - 1U);
  const __m512i probe_of = _mm512_loadu_si512(plan.probe.data());
  const __m512i before = _mm512_loadu_si512(plan.before.data());
  const __m512i fold = _mm512_set1_epi32(static_cast<int>(kFoldCase));
  const __m512i mask = _mm512_set1_epi64(static_cast<long long>(test.mask));
  const __m128i shift = _mm_cvtsi32_si128(test.shift);
  const __m512i one = _mm512_set1_epi32(1);
  const __m512i low_bits = _mm512_set1_epi32(31);
  // A vector of probes is read whole.
  while (windowing.next + kLanes <= windowing.probe_count &&
         windowing.probes[windowing.next + per_turn - 1] + kHashReach <= windowing.text.size()) {
    const std::uint32_t base = windowing.probes[windowing.next] + 1 - test.offsets;
    const __m512i probes = _mm512_loadu_si512(windowing.probes + windowing.next);
    const __m512i at =
        _mm512_maskz_sub_epi32(used, _mm512_permutexvar_epi32(probe_of, probes), before);
    // Lanes beyond look at the first window again and are left out in the end.
    const __m512i starts =
        _mm512_maskz_sub_epi32(used, at, _mm512_set1_epi32(static_cast<int>(base)));
    const char* const from = windowing.text.data() + base;
    const __m256i low = places8(from, _mm512_castsi512_si256(starts), fold, mask, shift);
    const __m256i high = places8(from, _mm512_extracti64x4_epi64(starts, 1), fold, mask, shift);
    const __m512i place = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    const __m512i word = _mm512_i32gather_epi32(_mm512_srli_epi32(place, 5), test.bits, 4);
    const __mmask16 hits = _mm512_mask_test_epi32_mask(
        used, word, _mm512_sllv_epi32(one, _mm512_and_si512(place, low_bits)));
    _mm512_storeu_si512(windowing.list + windowing.count, _mm512_maskz_compress_epi32(hits, at));
    windowing.count += static_cast<unsigned>(_mm_popcnt_u32(hits));
    windowing.next += per_turn;
  }
}

}  // namespace

KeepWindows vector_keep_windows(Simd simd) {
  return simd == Simd::kAvx512 ? keep_windows_avx512 : nullptr;
}
#else
KeepWindows vector_keep_windows(Simd /*simd*/) {
  return nullptr;
}
#endif

}  // namespace marvel::regex
