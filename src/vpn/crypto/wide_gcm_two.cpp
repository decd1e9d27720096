// Two blocks with one instruction: VAES, VPCLMULQDQ and AVX2 (Zen 3, and Intel's processors that
// left AVX-512 out again, Alder Lake and later: those of small boxes).
// UNITY_ALONE: the same names stand for other instructions in wide_gcm_four.cpp.
#if defined(__x86_64__)
#include "vpn/crypto/wide_gcm_block.hpp"

#include <algorithm>

#define MARVEL_WIDE gnu::target("avx2,vaes,vpclmulqdq,aes,pclmul")

namespace marvel::vpn::gcm {
namespace {

using Lanes = __m256i;
constexpr std::size_t kWide = 32;
constexpr std::size_t kLanes = kWide / kBlock;

[[MARVEL_WIDE]] inline Lanes load(const std::uint8_t* bytes) {
  return _mm256_load_si256(at<__m256i>(bytes));
}
[[MARVEL_WIDE]] inline Lanes load_anywhere(const std::uint8_t* bytes) {
  return _mm256_loadu_si256(at<__m256i>(bytes));
}
[[MARVEL_WIDE]] inline void store(std::uint8_t* bytes, Lanes lanes) {
  _mm256_storeu_si256(at<__m256i>(bytes), lanes);
}
// AVX2 has no masks for bytes; a copy has.
[[MARVEL_WIDE]] inline Lanes load_some(const std::uint8_t* bytes, std::size_t size) {
  alignas(kWide) std::uint8_t copy[kWide]{};
  std::copy_n(bytes, size, copy);
  return load(copy);
}
// What was stored, and zeros.
[[MARVEL_WIDE]] inline Lanes store_some(std::uint8_t* bytes, std::size_t size, Lanes lanes) {
  alignas(kWide) std::uint8_t copy[kWide];
  store(copy, lanes);
  std::copy_n(copy, size, bytes);
  std::fill(copy + size, copy + kWide, std::uint8_t{0});
  return load(copy);
}

[[MARVEL_WIDE]] inline Lanes spread(__m128i block) {
  return _mm256_broadcastsi128_si256(block);
}
[[MARVEL_WIDE]] inline Lanes widened(__m128i block) {
  return _mm256_zextsi128_si256(block);
}
[[MARVEL_WIDE]] inline __m128i folded(Lanes two) {
  return _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}
[[MARVEL_WIDE]] inline Lanes sum(Lanes a, Lanes b) {
  return _mm256_xor_si256(a, b);
}
[[MARVEL_WIDE]] inline Lanes sum3(Lanes a, Lanes b, Lanes c) {
  return sum(a, sum(b, c));
}
template <int kHalves>
[[MARVEL_WIDE]] inline Lanes product_of(Lanes a, Lanes b) {
  return _mm256_clmulepi64_epi128(a, b, kHalves);
}
[[MARVEL_WIDE]] inline Lanes next_round(Lanes blocks, Lanes key) {
  return _mm256_aesenc_epi128(blocks, key);
}
[[MARVEL_WIDE]] inline Lanes last_round(Lanes blocks, Lanes key) {
  return _mm256_aesenclast_epi128(blocks, key);
}
[[MARVEL_WIDE]] inline Lanes reordered(Lanes blocks, __m128i order) {
  return _mm256_shuffle_epi8(blocks, spread(order));
}
[[MARVEL_WIDE]] inline Lanes turned_lanes(Lanes blocks) {
  return reordered(blocks, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
[[MARVEL_WIDE]] inline Lanes halves_swapped(Lanes blocks) {
  return _mm256_shuffle_epi32(blocks, 0x4e);
}
[[MARVEL_WIDE]] inline Lanes added(Lanes a, Lanes b) {
  return _mm256_add_epi32(a, b);
}
[[MARVEL_WIDE]] inline Lanes ordinals() {
  return _mm256_set_epi32(2, 0, 0, 0, 1, 0, 0, 0);
}

}  // namespace
}  // namespace marvel::vpn::gcm

#include "vpn/crypto/wide_gcm_kernel.hpp"

namespace marvel::vpn::gcm {

[[MARVEL_WIDE]] void seal_two(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                              MutableBytes text) {
  seal(keys, counter, associated, text);
}

[[MARVEL_WIDE]] bool open_two(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                              MutableBytes text) {
  return open(keys, counter, associated, text);
}

}  // namespace marvel::vpn::gcm
#endif
