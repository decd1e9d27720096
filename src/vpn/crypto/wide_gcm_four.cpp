// Four blocks with one instruction: VAES, VPCLMULQDQ and AVX-512 (Ice Lake, Zen 4 and later).
// UNITY_ALONE: the same names stand for other instructions in wide_gcm_two.cpp.
#if defined(__x86_64__)
#include "vpn/crypto/wide_gcm_block.hpp"

#define MARVEL_WIDE gnu::target("avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,aes,pclmul")

namespace marvel::vpn::gcm {
namespace {

using Lanes = __m512i;
constexpr std::size_t kWide = 64;
constexpr std::size_t kLanes = kWide / kBlock;
constexpr int kXor = 0x96;  // of three: how _mm512_ternarylogic calls it

[[MARVEL_WIDE]] inline Lanes load(const std::uint8_t* bytes) {
  return _mm512_load_si512(bytes);
}
[[MARVEL_WIDE]] inline Lanes load_anywhere(const std::uint8_t* bytes) {
  return _mm512_loadu_si512(bytes);
}
[[MARVEL_WIDE]] inline void store(std::uint8_t* bytes, Lanes lanes) {
  _mm512_storeu_si512(bytes, lanes);
}
[[MARVEL_WIDE]] inline __mmask64 first_of(std::size_t size) {
  return ~std::uint64_t{0} >> (kWide - size);
}
[[MARVEL_WIDE]] inline Lanes load_some(const std::uint8_t* bytes, std::size_t size) {
  return _mm512_maskz_loadu_epi8(first_of(size), bytes);
}
// What was stored, and zeros.
[[MARVEL_WIDE]] inline Lanes store_some(std::uint8_t* bytes, std::size_t size, Lanes lanes) {
  _mm512_mask_storeu_epi8(bytes, first_of(size), lanes);
  return _mm512_maskz_mov_epi8(first_of(size), lanes);
}

[[MARVEL_WIDE]] inline Lanes spread(__m128i block) {
  return _mm512_broadcast_i32x4(block);
}
[[MARVEL_WIDE]] inline Lanes widened(__m128i block) {
  return _mm512_zextsi128_si512(block);
}
[[MARVEL_WIDE]] inline __m128i folded(Lanes four) {
  const __m256i two =
      _mm256_xor_si256(_mm512_castsi512_si256(four), _mm512_extracti64x4_epi64(four, 1));
  return _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}
[[MARVEL_WIDE]] inline Lanes sum(Lanes a, Lanes b) {
  return _mm512_xor_si512(a, b);
}
[[MARVEL_WIDE]] inline Lanes sum3(Lanes a, Lanes b, Lanes c) {
  return _mm512_ternarylogic_epi64(a, b, c, kXor);
}
template <int kHalves>
[[MARVEL_WIDE]] inline Lanes product_of(Lanes a, Lanes b) {
  return _mm512_clmulepi64_epi128(a, b, kHalves);
}
[[MARVEL_WIDE]] inline Lanes next_round(Lanes blocks, Lanes key) {
  return _mm512_aesenc_epi128(blocks, key);
}
[[MARVEL_WIDE]] inline Lanes last_round(Lanes blocks, Lanes key) {
  return _mm512_aesenclast_epi128(blocks, key);
}
[[MARVEL_WIDE]] inline Lanes reordered(Lanes blocks, __m128i order) {
  return _mm512_shuffle_epi8(blocks, spread(order));
}
[[MARVEL_WIDE]] inline Lanes turned_lanes(Lanes blocks) {
  return reordered(blocks, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
[[MARVEL_WIDE]] inline Lanes halves_swapped(Lanes blocks) {
  return _mm512_shuffle_epi32(blocks, _MM_PERM_BADC);
}
[[MARVEL_WIDE]] inline Lanes added(Lanes a, Lanes b) {
  return _mm512_add_epi32(a, b);
}
[[MARVEL_WIDE]] inline Lanes ordinals() {
  return _mm512_set_epi32(4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0);
}

}  // namespace
}  // namespace marvel::vpn::gcm

#include "vpn/crypto/wide_gcm_kernel.hpp"

namespace marvel::vpn::gcm {

[[MARVEL_WIDE]] void seal_four(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                               MutableBytes text) {
  seal(keys, counter, associated, text);
}

[[MARVEL_WIDE]] bool open_four(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                               MutableBytes text) {
  return open(keys, counter, associated, text);
}

}  // namespace marvel::vpn::gcm
#endif
