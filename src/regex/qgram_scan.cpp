#include "regex/qgram_scan.hpp"

#include "regex/qgram_hash.hpp"

#include <array>
#include <bit>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace marvel::regex {
namespace {

constexpr std::size_t kPiece = 4096;  // bytes of text per round; lists and text stay in the cache
constexpr std::size_t kLanes = 8;     // probes that AVX2 does at once
constexpr std::size_t kWide = 16;     // bytes that AVX2 loads at a time

}  // namespace

QgramScan::QgramScan(const QgramFilter& filter)
    : filter_(filter),
#if defined(__x86_64__)
      avx2_(__builtin_cpu_supports("avx2") != 0 && filter.gram() >= kHalfGram),
#else
      avx2_(false),
#endif
      probes_(kPiece + 64),
      windows_(probes_.size() * static_cast<std::size_t>(filter.stride())) {
  if (avx2_) {
    nibbles_ = NibbleMasks::make(filter);
  }
}

void QgramScan::begin(std::string_view text) {
  text_ = text;
  at_ = 0;
  window_count_ = cursor_ = 0;
}

// One probe at a time, up to `end` as far as probes can read.
void QgramScan::probe_plain(std::size_t end) {
  const GramProbe probe(filter_);
  const auto stride = static_cast<std::size_t>(filter_.stride());
  std::uint32_t* const list = probes_.data();
  std::size_t count = probe_count_;
  for (; at_ < end && at_ + kHashReach <= text_.size(); at_ += stride) {
    list[count] = static_cast<std::uint32_t>(at_);
    count += probe.may_hold(text_.data() + at_);
  }
  probe_count_ = count;
}

#if defined(__x86_64__)
namespace {

// Of both 16-byte lanes, four words of four bytes at multiples of `stride`.
__attribute__((target("avx2"))) __m256i words_at(int stride) {
  std::array<char, 32> bytes{};
  for (int i = 0; i < 32; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(i % 16 / 4 * stride + i % 4);
  }
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes.data()));
}

__attribute__((target("avx2"))) __m256i halves(const char* at, std::size_t lane, __m256i words) {
  const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + lane));
  const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
  return _mm256_or_si256(_mm256_shuffle_epi8(both, words),
                         _mm256_set1_epi32(static_cast<int>(kFoldCase)));
}

// For each set of lanes, their numbers one after the other.
constexpr std::array<std::uint64_t, 256> lane_lists() {
  std::array<std::uint64_t, 256> lists{};
  for (unsigned set = 0; set < lists.size(); ++set) {
    int place = 0;
    for (std::uint64_t lane = 0; lane < kLanes; ++lane) {
      if ((set >> lane & 1U) != 0) {
        lists[set] |= lane << (8 * place++);
      }
    }
  }
  return lists;
}
constexpr auto kLaneLists = lane_lists();

}  // namespace

// Eight probes at a time: hashes by vector arithmetic, the bits by a gather.
__attribute__((target("avx2,popcnt"))) void QgramScan::probe_avx2(std::size_t end) {
  const GramProbe probe(filter_);
  const auto stride = static_cast<std::size_t>(filter_.stride());
  const std::size_t lane = kLanes / 2 * stride;
  const __m256i words = words_at(filter_.stride());
  const __m256i first_factor = _mm256_set1_epi32(static_cast<int>(QgramFilter::kFirst));
  const __m256i last_factor = _mm256_set1_epi32(static_cast<int>(QgramFilter::kLast));
  const __m128i shift = _mm_cvtsi32_si128(probe.shift);
  const __m256i low_bits = _mm256_set1_epi32(31);
  const __m256i strides = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                                             _mm256_set1_epi32(filter_.stride()));
  const auto* const bits = reinterpret_cast<const int*>(probe.bits);
  std::uint32_t* const list = probes_.data();
  std::size_t count = probe_count_;
  for (; at_ < end && at_ + lane + probe.last + kWide <= text_.size(); at_ += 2 * lane) {
    const char* const here = text_.data() + at_;
    const __m256i x = halves(here, lane, words);
    const __m256i y = halves(here + probe.last, lane, words);
    const __m256i hash = _mm256_srl_epi32(
        _mm256_add_epi32(_mm256_mullo_epi32(x, first_factor), _mm256_mullo_epi32(y, last_factor)),
        shift);
    const __m256i word = _mm256_i32gather_epi32(bits, _mm256_srli_epi32(hash, 5), 4);
    // The bit asked for becomes the sign.
    const __m256i sign = _mm256_sllv_epi32(word, _mm256_andnot_si256(hash, low_bits));
    const auto hits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(sign)));
    const __m256i places = _mm256_add_epi32(_mm256_set1_epi32(static_cast<int>(at_)), strides);
    const __m256i order =
        _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(kLaneLists[hits])));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(list + count),
                        _mm256_permutevar8x32_epi32(places, order));
    count += static_cast<unsigned>(_mm_popcnt_u32(hits));
  }
  probe_count_ = count;
}

namespace {

__attribute__((target("avx2"))) __m256i table_of(const NibbleMasks::Table& table) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// The groups that may have the 32 bytes at `at` in one place of their windows.
__attribute__((target("avx2"))) __m256i groups_at(const char* at, __m256i low, __m256i high) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i text = _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)),
                                       _mm256_set1_epi32(static_cast<int>(kFoldCase)));
  return _mm256_and_si256(
      _mm256_shuffle_epi8(low, _mm256_and_si256(text, nibble)),
      _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(text, 4), nibble)));
}

}  // namespace

// Every position, 32 at a time.
__attribute__((target("avx2,bmi"))) void QgramScan::probe_nibbles(const NibbleMasks& masks,
                                                                  std::size_t end) {
  constexpr std::size_t kWidth = 32;
  const __m256i low0 = table_of(masks.low[0]);
  const __m256i low1 = table_of(masks.low[1]);
  const __m256i low2 = table_of(masks.low[2]);
  const __m256i low3 = table_of(masks.low[3]);
  const __m256i high0 = table_of(masks.high[0]);
  const __m256i high1 = table_of(masks.high[1]);
  const __m256i high2 = table_of(masks.high[2]);
  const __m256i high3 = table_of(masks.high[3]);
  std::uint32_t* const list = probes_.data();
  std::size_t count = probe_count_;
  for (; at_ < end && at_ + kWidth + NibbleMasks::kPlaces <= text_.size(); at_ += kWidth) {
    const char* const here = text_.data() + at_;
    const __m256i groups = _mm256_and_si256(
        _mm256_and_si256(groups_at(here, low0, high0), groups_at(here + 1, low1, high1)),
        _mm256_and_si256(groups_at(here + 2, low2, high2), groups_at(here + 3, low3, high3)));
    auto hits = ~static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256())));
    for (; hits != 0; hits &= hits - 1) {
      list[count++] =
          static_cast<std::uint32_t>(at_) + static_cast<std::uint32_t>(std::countr_zero(hits));
    }
  }
  probe_count_ = count;
}
#else
void QgramScan::probe_avx2(std::size_t end) {
  probe_plain(end);
}
void QgramScan::probe_nibbles(const NibbleMasks& /*masks*/, std::size_t end) {
  probe_plain(end);
}
#endif

// A window begins at a probe, or up to `offsets` - 1 bytes before it.
void QgramScan::keep_windows(std::uint32_t offsets) {
  const std::uint64_t mask = filter_.window_mask();
  const int shift = 32 - filter_.window_bits();
  const std::uint32_t* const bits = filter_.windows().data();
  std::uint32_t* const list = windows_.data();
  std::size_t count = 0;
  for (std::size_t i = 0; i < probe_count_; ++i) {
    const std::uint32_t at = probes_[i];
    const bool inside = at + kHashReach <= text_.size();
    for (std::uint32_t offset = 0; offset < offsets && offset <= at; ++offset) {
      list[count] = at - offset;
      if (inside) {
        const std::uint32_t place = window_hash(text_.data() + (at - offset), mask) >> shift;
        count += bits[place / 32] >> (place % 32) & 1U;
      } else {
        ++count;
      }
    }
  }
  window_count_ = count;
}

// Lists what passes in the next piece of text.
void QgramScan::fill() {
  const std::size_t end = std::min(at_ + kPiece, text_.size());
  probe_count_ = 0;
  cursor_ = 0;
  if (nibbles_) {
    probe_nibbles(*nibbles_, end);
    pass_rest(end, 1);
    keep_windows(1);
    return;
  }
  if (avx2_) {
    probe_avx2(end);
  }
  probe_plain(end);
  pass_rest(end, static_cast<std::size_t>(filter_.stride()));
  keep_windows(static_cast<std::uint32_t>(filter_.stride()));
}

// The last bytes, behind which nothing can be read, pass without a look.
void QgramScan::pass_rest(std::size_t end, std::size_t stride) {
  for (; at_ < end; at_ += stride) {
    probes_[probe_count_++] = static_cast<std::uint32_t>(at_);
  }
}

std::size_t QgramScan::next(std::size_t from) {
  while (true) {
    while (cursor_ < window_count_) {
      const auto found = filter_.literal_around(text_, windows_[cursor_++]);
      if (found != std::string_view::npos && found >= from) {
        return found;
      }
    }
    at_ = std::max(at_, from);
    if (at_ >= text_.size()) {
      return text_.size();
    }
    fill();
  }
}

}  // namespace marvel::regex
