// A checksum of a model is a pass over all of it in every round: 50 ms of a server's CPU for 100 MB
// more with Debian's zlib than with what follows. A CRC is the remainder of the bytes, read as one
// long polynomial, divided by another one. The remainder of a long polynomial is that of a shorter
// one in which the first 512 bits were multiplied by a constant and added to the next 512 (Gopal et
// al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009):
//   1. fold 64 bytes into the next 64, as long as there are any; four at a time hide the latency
//   2. fold the 64 into 16, and the next 16 into those
//   3. 128 bits to 64 to 32 (Barrett's reduction)
//   4. what is left, fewer than 16 bytes, is zlib's
// The constants are powers of x modulo the polynomial, reflected; the paper has them.
#include "federate/array/crc32.hpp"

#include <cstddef>
#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace marvel::federate {
namespace {

#if defined(__x86_64__)
#define MARVEL_CLMUL __attribute__((target("pclmul,sse4.1")))

constexpr std::size_t kLeast = 64;

MARVEL_CLMUL inline __m128i load(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

// `value`, moved on by the distance that `constants` stand for, added to `next`.
MARVEL_CLMUL inline __m128i fold(__m128i value, __m128i constants, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(value, constants, 0x00);
  const __m128i high = _mm_clmulepi64_si128(value, constants, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

MARVEL_CLMUL std::uint32_t reduce(__m128i value, __m128i by_128) {
  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
  value = _mm_xor_si128(_mm_srli_si128(value, 8), _mm_clmulepi64_si128(value, by_128, 0x10));
  const __m128i by_64 = _mm_set_epi64x(0, 0x163cd6124);
  value = _mm_xor_si128(_mm_srli_si128(value, 4),
                        _mm_clmulepi64_si128(_mm_and_si128(value, low_words), by_64, 0x00));
  const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
  __m128i part = _mm_clmulepi64_si128(_mm_and_si128(value, low_words), polynomial, 0x10);
  part = _mm_clmulepi64_si128(_mm_and_si128(part, low_words), polynomial, 0x00);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(value, part), 1));
}

// Of at least kLeast bytes, a multiple of 16; without the inversions before and after.
MARVEL_CLMUL std::uint32_t fold_all(std::uint32_t before, std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  __m128i a = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(before)));
  __m128i b = load(at + 16);
  __m128i c = load(at + 32);
  __m128i d = load(at + 48);
  const __m128i by_512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
  for (at += kLeast; end - at >= std::ptrdiff_t{kLeast}; at += kLeast) {
    a = fold(a, by_512, load(at));
    b = fold(b, by_512, load(at + 16));
    c = fold(c, by_512, load(at + 32));
    d = fold(d, by_512, load(at + 48));
  }
  const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  a = fold(a, by_128, b);
  a = fold(a, by_128, c);
  a = fold(a, by_128, d);
  for (; at < end; at += 16) {
    a = fold(a, by_128, load(at));
  }
  return reduce(a, by_128);
}

bool multiplies_without_carries() {
  static const bool kDoes =
      __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return kDoes;
}
#endif

std::uint32_t by_zlib(std::uint32_t before, std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(::crc32_z(before, data, bytes.size()));
}

}  // namespace

std::uint32_t crc32_after(std::uint32_t before, std::string_view bytes) {
  if (bytes.empty()) {
    return before;  // zlib takes a null pointer for a question
  }
#if defined(__x86_64__)
  if (const std::size_t whole = bytes.size() / 16 * 16;
      whole >= kLeast && multiplies_without_carries()) {
    before = ~fold_all(~before, bytes.substr(0, whole));
    bytes.remove_prefix(whole);
    return bytes.empty() ? before : by_zlib(before, bytes);
  }
#endif
  return by_zlib(before, bytes);
}

}  // namespace marvel::federate
