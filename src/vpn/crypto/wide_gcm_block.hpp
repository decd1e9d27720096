#pragma once

#include "vpn/crypto/wide_gcm_keys.hpp"

#include <immintrin.h>

// One block of AES and of GCM's tag in a register of 128 bits, inlined into the code of each width.
// Only for x86-64, and for CPUs of which WideGcm::works_here() has said that they can.
//
// A block of AES stands in the register as in memory. A block of the tag stands turned(), its last
// byte first, which is the order that the carry-less multiplication takes (wide_gcm_kernel.hpp says
// why).
#define MARVEL_NARROW gnu::target("aes,pclmul,ssse3,sse4.1")

namespace marvel::vpn::gcm {

// Bytes as registers, for loads and stores: aligned to the register where the instruction asks for
// it.
template <class Register>
Register* at(std::uint8_t* bytes) {
  return reinterpret_cast<Register*>(bytes);
}
template <class Register>
const Register* at(const std::uint8_t* bytes) {
  return reinterpret_cast<const Register*>(bytes);
}

// The number high · 2^64 + low.
[[MARVEL_NARROW]] inline __m128i block_of(std::uint64_t high, std::uint64_t low) {
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

// The bytes of a block turned round; its own opposite.
[[MARVEL_NARROW]] inline __m128i turned(__m128i block) {
  return _mm_shuffle_epi8(block,
                          _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

// The product of a block with a kept power of H, in GF(2^128), both turned. Four multiplications of
// halves, then the reduction in two steps of one multiplication by kPolynomial each (Gueron and
// Kounavis).
[[MARVEL_NARROW]] inline __m128i product(__m128i block, __m128i power) {
  const __m128i polynomial = block_of(kPolynomial, 1);
  const __m128i low = _mm_clmulepi64_si128(block, power, 0x00);
  const __m128i high = _mm_clmulepi64_si128(block, power, 0x11);
  __m128i middle = _mm_xor_si128(_mm_clmulepi64_si128(block, power, 0x01),
                                 _mm_clmulepi64_si128(block, power, 0x10));
  middle = _mm_xor_si128(middle, _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e),
                                               _mm_clmulepi64_si128(polynomial, low, 0x01)));
  return _mm_xor_si128(high, _mm_xor_si128(_mm_shuffle_epi32(middle, 0x4e),
                                           _mm_clmulepi64_si128(polynomial, middle, 0x01)));
}

// AES-256 of one block (FIPS 197): 14 rounds, each one instruction.
[[MARVEL_NARROW]] inline __m128i encrypted(const WideGcm::Keys& keys, __m128i block) {
  block = _mm_xor_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[0])));
#pragma GCC unroll 16
  for (std::size_t round = 1; round < kRounds; ++round) {
    block = _mm_aesenc_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[round])));
  }
  return _mm_aesenclast_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[kRounds])));
}

}  // namespace marvel::vpn::gcm
