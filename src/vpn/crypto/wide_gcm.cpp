#include "vpn/crypto/wide_gcm.hpp"

#include "base/check.hpp"
#include "vpn/constants.hpp"

#if defined(__x86_64__)
#include "vpn/crypto/wide_gcm_block.hpp"
#endif

#include <algorithm>

namespace marvel::vpn {

#if defined(__x86_64__)

namespace {

using namespace gcm;

[[MARVEL_NARROW]] inline __m128i shifted_sums(__m128i words) {
  words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
  return _mm_xor_si128(words, _mm_slli_si128(words, 8));
}

// Two round keys more (FIPS 197, 5.2), from the two before them.
template <int kRoundConstant>
[[MARVEL_NARROW]] inline void expand(WideGcm::Keys& keys, std::size_t round) {
  const auto key = [&keys](std::size_t number) { return at<__m128i>(keys.rounds[number]); };
  const __m128i even = _mm_load_si128(key(round - 2));
  const __m128i odd = _mm_load_si128(key(round - 1));
  const __m128i turn = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(odd, kRoundConstant), 0xff);
  const __m128i next = _mm_xor_si128(shifted_sums(even), turn);
  _mm_store_si128(key(round), next);
  if (round < kRounds) {
    const __m128i other = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(next, 0), 0xaa);
    _mm_store_si128(key(round + 1), _mm_xor_si128(shifted_sums(odd), other));
  }
}

[[MARVEL_NARROW]] void expand_key(WideGcm::Keys& keys, const Secret& key) {
  _mm_store_si128(at<__m128i>(keys.rounds[0]), _mm_loadu_si128(at<__m128i>(key.bytes.data())));
  _mm_store_si128(at<__m128i>(keys.rounds[1]),
                  _mm_loadu_si128(at<__m128i>(key.bytes.data() + kBlock)));
  expand<0x01>(keys, 2);
  expand<0x02>(keys, 4);
  expand<0x04>(keys, 6);
  expand<0x08>(keys, 8);
  expand<0x10>(keys, 10);
  expand<0x20>(keys, 12);
  expand<0x40>(keys, 14);
  for (auto& round : keys.rounds) {
    for (std::size_t copy = 1; copy < kWidest / kBlock; ++copy) {
      std::copy_n(round, kBlock, round + copy * kBlock);
    }
  }
}

// H = AES of zeros, then H·x and its powers.
[[MARVEL_NARROW]] void find_powers(WideGcm::Keys& keys) {
  Block<kBlock> h{};
  _mm_storeu_si128(at<__m128i>(h.data()), turned(encrypted(keys, _mm_setzero_si128())));
  const auto low = load_le<std::uint64_t>(h.data());
  const auto high = load_le<std::uint64_t>(h.data() + 8);
  const std::uint64_t carry = 0 - (high >> 63U);
  const __m128i one =
      block_of((high << 1U | low >> 63U) ^ (carry & kPolynomial), low << 1U ^ (carry & 1U));
  wipe(h);
  __m128i power = one;
  for (std::size_t number = kPowers; number-- > 0;) {
    _mm_store_si128(at<__m128i>(keys.powers[number]), power);
    power = product(power, one);
  }
}

}  // namespace

bool WideGcm::works_here(Width width) {
  static const bool kAes =
      __builtin_cpu_supports("vaes") != 0 && __builtin_cpu_supports("vpclmulqdq") != 0;
  static const bool kTwo = kAes && __builtin_cpu_supports("avx2") != 0;
  static const bool kFour = kTwo && __builtin_cpu_supports("avx512f") != 0 &&
                            __builtin_cpu_supports("avx512bw") != 0 &&
                            __builtin_cpu_supports("avx512vl") != 0;
  return width == Width::kFour ? kFour : kTwo;
}

WideGcm::WideGcm(const Secret& key, Width width) : width_(width), keys_(std::make_unique<Keys>()) {
  MARVEL_CHECK(works_here(width), "a CPU without the instructions");
  expand_key(*keys_, key);
  find_powers(*keys_);
}

void WideGcm::seal(std::uint64_t counter, Bytes associated, MutableBytes text) const {
  MARVEL_CHECK(associated.size() <= kMostAssociated, "too much to authenticate");
  const auto sealed = width_ == Width::kFour ? gcm::seal_four : gcm::seal_two;
  sealed(*keys_, counter, associated, text);
}

bool WideGcm::open(std::uint64_t counter, Bytes associated, MutableBytes sealed) const {
  MARVEL_CHECK(associated.size() <= kMostAssociated, "too much to authenticate");
  if (sealed.size() < kTagSize) {
    return false;
  }
  const auto opened = width_ == Width::kFour ? gcm::open_four : gcm::open_two;
  return opened(*keys_, counter, associated, sealed.first(sealed.size() - kTagSize));
}

#else  // not x86-64

struct WideGcm::Keys {};

bool WideGcm::works_here(Width) {
  return false;
}

WideGcm::WideGcm(const Secret&, Width width) : width_(width) {
  MARVEL_CHECK(false, "a CPU without the instructions");
}

void WideGcm::seal(std::uint64_t, Bytes, MutableBytes) const {}

bool WideGcm::open(std::uint64_t, Bytes, MutableBytes) const {
  return false;
}

#endif

bool WideGcm::works_here() {
  return works_here(Width::kTwo) || works_here(Width::kFour);
}

WideGcm::WideGcm(const Secret& key)
    : WideGcm(key, works_here(Width::kFour) ? Width::kFour : Width::kTwo) {}

WideGcm::~WideGcm() = default;
WideGcm::WideGcm(WideGcm&&) noexcept = default;
WideGcm& WideGcm::operator=(WideGcm&&) noexcept = default;

}  // namespace marvel::vpn
