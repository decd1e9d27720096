// One function per kind of probe and width of vectors. They differ in what an instruction set has,
// not in what they find: all list the same positions, up to where they stop.
#include "regex/qgram_probe.hpp"

#include <array>
#include <bit>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace marvel::regex {

void probe_grams_plain(const GramProbe& probe, Probing& probing) {
  const std::size_t size = probing.text.size();
  std::size_t at = probing.at;
  std::size_t count = probing.count;
  for (; at < probing.end && at + kHashReach <= size; at += probe.stride) {
    probing.list[count] = static_cast<std::uint32_t>(at);
    count += probe.may_hold(probing.text.data() + at);
  }
  probing.at = at;
  probing.count = count;
}

#if defined(__x86_64__)
namespace {

constexpr int kFold = static_cast<int>(kFoldCase);
constexpr int kFirst = static_cast<int>(QgramFilter::kFirst);
constexpr int kLast = static_cast<int>(QgramFilter::kLast);

// --- Nibbles, 16, 32 and 64 positions at a time ---

// Lists the positions behind `at` of the bits in `hits`.
template <class Bits>
std::size_t list_bits(Bits hits, std::size_t at, std::uint32_t* list, std::size_t count) {
  for (; hits != 0; hits &= hits - 1) {
    list[count++] =
        static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(hits));
  }
  return count;
}

__attribute__((target("ssse3"))) __m128i load16(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

// The groups that may have the bytes at `at` in one place of their windows.
__attribute__((target("ssse3"))) __m128i groups16(const char* at, __m128i low, __m128i high) {
  const __m128i nibble = _mm_set1_epi8(15);
  const __m128i text = _mm_or_si128(load16(at), _mm_set1_epi32(kFold));
  return _mm_and_si128(_mm_shuffle_epi8(low, _mm_and_si128(text, nibble)),
                       _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(text, 4), nibble)));
}

__attribute__((target("ssse3"))) void probe_nibbles_ssse3(const NibbleMasks& masks,
                                                          Probing& probing) {
  constexpr std::size_t kWidth = 16;
  const auto& low = masks.low;
  const auto& high = masks.high;
  std::size_t count = probing.count;
  std::size_t at = probing.at;
  for (; at < probing.end && at + kWidth + NibbleMasks::kPlaces <= probing.text.size();
       at += kWidth) {
    const char* const here = probing.text.data() + at;
    __m128i groups = groups16(here, load16(low[0].data()), load16(high[0].data()));
    for (std::size_t place = 1; place < NibbleMasks::kPlaces; ++place) {
      groups = _mm_and_si128(
          groups, groups16(here + place, load16(low[place].data()), load16(high[place].data())));
    }
    const auto none = _mm_movemask_epi8(_mm_cmpeq_epi8(groups, _mm_setzero_si128()));
    count = list_bits(~static_cast<std::uint32_t>(none) & 0xFFFFU, at, probing.list, count);
  }
  probing.at = at;
  probing.count = count;
}

__attribute__((target("avx2"))) __m256i table32(const NibbleMasks::Table& table) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

__attribute__((target("avx2"))) __m256i groups32(const char* at, __m256i low, __m256i high) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i text = _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)),
                                       _mm256_set1_epi32(kFold));
  return _mm256_and_si256(
      _mm256_shuffle_epi8(low, _mm256_and_si256(text, nibble)),
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(text, 4), nibble)));
}

__attribute__((target("avx2,bmi"))) void probe_nibbles_avx2(const NibbleMasks& masks,
                                                            Probing& probing) {
  constexpr std::size_t kWidth = 32;
  const __m256i low0 = table32(masks.low[0]);
  const __m256i low1 = table32(masks.low[1]);
  const __m256i low2 = table32(masks.low[2]);
  const __m256i low3 = table32(masks.low[3]);
  const __m256i high0 = table32(masks.high[0]);
  const __m256i high1 = table32(masks.high[1]);
  const __m256i high2 = table32(masks.high[2]);
  const __m256i high3 = table32(masks.high[3]);
  std::size_t count = probing.count;
  std::size_t at = probing.at;
  for (; at < probing.end && at + kWidth + NibbleMasks::kPlaces <= probing.text.size();
       at += kWidth) {
    const char* const here = probing.text.data() + at;
    const __m256i groups = _mm256_and_si256(
        _mm256_and_si256(groups32(here, low0, high0), groups32(here + 1, low1, high1)),
        _mm256_and_si256(groups32(here + 2, low2, high2), groups32(here + 3, low3, high3)));
    const auto none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
    count = list_bits(~static_cast<std::uint32_t>(none), at, probing.list, count);
  }
  probing.at = at;
  probing.count = count;
}

#define MARVEL_AVX512 "avx512f,avx512bw,avx512dq,avx512vbmi,popcnt,bmi"

__attribute__((target(MARVEL_AVX512))) __m512i table64(const NibbleMasks::Table& table) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

__attribute__((target(MARVEL_AVX512))) __m512i groups64(const char* at, __m512i low, __m512i high) {
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512i text = _mm512_or_si512(_mm512_loadu_si512(at), _mm512_set1_epi32(kFold));
  return _mm512_and_si512(
      _mm512_shuffle_epi8(low, _mm512_and_si512(text, nibble)),
      _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(text, 4), nibble)));
}

__attribute__((target(MARVEL_AVX512))) void probe_nibbles_avx512(const NibbleMasks& masks,
                                                                 Probing& probing) {
  constexpr std::size_t kWidth = 64;
  const __m512i low0 = table64(masks.low[0]);
  const __m512i low1 = table64(masks.low[1]);
  const __m512i low2 = table64(masks.low[2]);
  const __m512i low3 = table64(masks.low[3]);
  const __m512i high0 = table64(masks.high[0]);
  const __m512i high1 = table64(masks.high[1]);
  const __m512i high2 = table64(masks.high[2]);
  const __m512i high3 = table64(masks.high[3]);
  std::size_t count = probing.count;
  std::size_t at = probing.at;
  for (; at < probing.end && at + kWidth + NibbleMasks::kPlaces <= probing.text.size();
       at += kWidth) {
    const char* const here = probing.text.data() + at;
    const std::uint64_t hits = _mm512_test_epi8_mask(
        _mm512_and_si512(groups64(here, low0, high0), groups64(here + 1, low1, high1)),
        _mm512_and_si512(groups64(here + 2, low2, high2), groups64(here + 3, low3, high3)));
    count = list_bits(hits, at, probing.list, count);
  }
  probing.at = at;
  probing.count = count;
}

// --- Grams, 8 and 16 probes at a time: hashes by vector arithmetic, the bits by a gather ---

// Where in the 64 bytes from the first probe on the bytes stand that probes begin with.
template <std::size_t kBytes>
std::array<char, kBytes> word_bytes(std::size_t stride) {
  std::array<char, kBytes> bytes{};
  for (std::size_t i = 0; i < kBytes; ++i) {
    bytes[i] = static_cast<char>(i / 4 * stride + i % 4);
  }
  return bytes;
}

// For each set of lanes, their numbers one after the other.
constexpr std::array<std::uint64_t, 256> lane_lists() {
  std::array<std::uint64_t, 256> lists{};
  for (unsigned set = 0; set < lists.size(); ++set) {
    int place = 0;
    for (std::uint64_t lane = 0; lane < 8; ++lane) {
      if ((set >> lane & 1U) != 0) {
        lists[set] |= lane << (8 * place++);
      }
    }
  }
  return lists;
}
constexpr auto kLaneLists = lane_lists();

// Four probes from each of two places, which lie so that 16 bytes hold them.
__attribute__((target("avx2"))) __m256i halves(const char* at, std::size_t lane, __m256i words) {
  const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + lane));
  const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
  return _mm256_or_si256(_mm256_shuffle_epi8(both, words), _mm256_set1_epi32(kFold));
}

__attribute__((target("avx2,popcnt"))) void probe_grams_avx2(const GramProbe& probe,
                                                             Probing& probing) {
  constexpr std::size_t kWide = 16;  // bytes per load
  const auto stride = static_cast<int>(probe.stride);
  const std::size_t lane = 4 * probe.stride;
  const __m256i words = _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(word_bytes<kWide>(probe.stride).data())));
  const __m256i first_factor = _mm256_set1_epi32(kFirst);
  const __m256i last_factor = _mm256_set1_epi32(kLast);
  const __m128i shift = _mm_cvtsi32_si128(probe.shift);
  const __m256i low_bits = _mm256_set1_epi32(31);
  const __m256i strides =
      _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(stride));
  const auto* const bits = reinterpret_cast<const int*>(probe.bits);
  std::size_t count = probing.count;
  std::size_t at = probing.at;
  for (; at < probing.end && at + lane + probe.last + kWide <= probing.text.size();
       at += 2 * lane) {
    const char* const here = probing.text.data() + at;
    const __m256i x = halves(here, lane, words);
    const __m256i y = halves(here + probe.last, lane, words);
    const __m256i hash = _mm256_srl_epi32(
        _mm256_add_epi32(_mm256_mullo_epi32(x, first_factor), _mm256_mullo_epi32(y, last_factor)),
        shift);
    const __m256i word = _mm256_i32gather_epi32(bits, _mm256_srli_epi32(hash, 5), 4);
    // The bit asked for becomes the sign.
    const __m256i sign = _mm256_sllv_epi32(word, _mm256_andnot_si256(hash, low_bits));
    const auto hits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(sign)));
    const __m256i places = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(at)), strides);
    const __m256i order =
        _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(kLaneLists[hits])));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(probing.list + count),
                        _mm256_permutevar8x32_epi32(places, order));
    count += static_cast<unsigned>(_mm_popcnt_u32(hits));
  }
  probing.at = at;
  probing.count = count;
}

constexpr std::size_t kProbes64 = 16;

// Strides go up to four, so 64 bytes hold what 16 probes begin with. Loads of 64 bytes nearly
// always cross cache lines and are worth saving: `kOneLoad` says that one holds the probes' ends
// too.
template <bool kOneLoad>
__attribute__((target(MARVEL_AVX512))) void probe_grams_avx512(const GramProbe& probe,
                                                               Probing& probing) {
  constexpr std::size_t kWide = 64;  // bytes per load
  const __m512i words = _mm512_loadu_si512(word_bytes<kWide>(probe.stride).data());
  const __m512i last_words =
      _mm512_add_epi8(words, _mm512_set1_epi8(static_cast<char>(kOneLoad ? probe.last : 0)));
  const std::size_t behind = kOneLoad ? 0 : probe.last;
  const __m512i fold = _mm512_set1_epi32(kFold);
  const __m512i first_factor = _mm512_set1_epi32(kFirst);
  const __m512i last_factor = _mm512_set1_epi32(kLast);
  const __m128i shift = _mm_cvtsi32_si128(probe.shift);
  const __m512i low_bits = _mm512_set1_epi32(31);
  const __m512i strides =
      _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                         _mm512_set1_epi32(static_cast<int>(probe.stride)));
  std::size_t count = probing.count;
  std::size_t at = probing.at;
  for (; at < probing.end && at + behind + kWide <= probing.text.size();
       at += kProbes64 * probe.stride) {
    const char* const here = probing.text.data() + at;
    const __m512i text = _mm512_or_si512(_mm512_loadu_si512(here), fold);
    const __m512i text_behind =
        kOneLoad ? text : _mm512_or_si512(_mm512_loadu_si512(here + behind), fold);
    const __m512i x = _mm512_permutexvar_epi8(words, text);
    const __m512i y = _mm512_permutexvar_epi8(last_words, text_behind);
    const __m512i hash = _mm512_srl_epi32(
        _mm512_add_epi32(_mm512_mullo_epi32(x, first_factor), _mm512_mullo_epi32(y, last_factor)),
        shift);
    const __m512i word = _mm512_i32gather_epi32(_mm512_srli_epi32(hash, 5), probe.bits, 4);
    const __mmask16 hits =
        _mm512_movepi32_mask(_mm512_sllv_epi32(word, _mm512_andnot_si512(hash, low_bits)));
    const __m512i places = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(at)), strides);
    // Packing in a register first: a packing store is slow on Zen 4.
    _mm512_storeu_si512(probing.list + count, _mm512_maskz_compress_epi32(hits, places));
    count += static_cast<unsigned>(_mm_popcnt_u32(hits));
  }
  probing.at = at;
  probing.count = count;
}

void probe_grams_64(const GramProbe& probe, Probing& probing) {
  const bool one_load = (kProbes64 - 1) * probe.stride + probe.last + 4 <= 64;
  one_load ? probe_grams_avx512<true>(probe, probing) : probe_grams_avx512<false>(probe, probing);
}

}  // namespace

ProbeGrams vector_gram_probe(Simd simd) {
  switch (simd) {
    case Simd::kAvx512:
      return probe_grams_64;
    case Simd::kAvx2:
      return probe_grams_avx2;
    default:
      return nullptr;
  }
}

ProbeNibbles nibble_probe(Simd simd) {
  switch (simd) {
    case Simd::kAvx512:
      return probe_nibbles_avx512;
    case Simd::kAvx2:
      return probe_nibbles_avx2;
    case Simd::kSsse3:
      return probe_nibbles_ssse3;
    default:
      return nullptr;
  }
}
#else
ProbeGrams vector_gram_probe(Simd /*simd*/) {
  return nullptr;
}
ProbeNibbles nibble_probe(Simd /*simd*/) {
  return nullptr;
}
#endif

}  // namespace marvel::regex
