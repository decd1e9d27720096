// GCM is two things that do not wait for each other. The key stream is AES of a counter, as many
// blocks at a time as one likes. The tag is a polynomial of the ciphertext's blocks at a secret
// point H,
//
//   (..((X1·H ^ X2)·H ^ X3)..)·H  =  X1·H^n ^ X2·H^(n-1) ^ .. ^ Xn·H,
//
// and the sum on the right needs no order: with H to H^16 at hand sixteen blocks are multiplied
// side by side and reduced once. Four blocks fit into a register, four registers hide how long an
// instruction takes, and the CPU begins with the next piece's key stream while the product of the
// last one is under way.
//
// GCM counts bits from the left. With the bytes of a block turned round its bits stand reversed;
// the product of two reversed numbers is the reversed product shifted by one, which is paid once by
// keeping H·x in place of H (Gueron and Kounavis, "Intel Carry-Less Multiplication Instruction and
// its Usage for Computing the GCM Mode").
#include "vpn/crypto/wide_gcm.hpp"

#include "base/check.hpp"
#include "vpn/constants.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace marvel::vpn {

#if defined(__x86_64__)

namespace {

constexpr std::size_t kRounds = 14;  // of AES with a key of 256 bits
constexpr std::size_t kBlock = 16;   // bytes
constexpr std::size_t kWide = 64;    // of a register: four blocks
constexpr std::size_t kPiece = 256;  // at a time: sixteen blocks
constexpr std::size_t kPowers = kPiece / kBlock;

// x^128 = x^127 + x^126 + x^121 + 1, as a reduction by halves wants it.
constexpr std::uint64_t kPolynomial = 0xc200000000000000;

}  // namespace

// Loaded straight into registers.
struct WideGcm::Keys {
  alignas(kWide) std::uint8_t rounds[kRounds + 1][kWide]{};  // each round's key four times
  // (H·x)^16 down to H·x, then zeros, because four are loaded at a time.
  alignas(kWide) std::uint8_t powers[kPowers + kWide / kBlock][kBlock]{};

  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    wipe({rounds[0], sizeof rounds});
    wipe({powers[0], sizeof powers});
  }
};

namespace {

#define MARVEL_WIDE gnu::target("avx512f,avx512bw,avx512vl,vaes,vpclmulqdq,aes,pclmul")

template <class Register>
Register* at(std::uint8_t* bytes) {
  return reinterpret_cast<Register*>(bytes);
}
template <class Register>
const Register* at(const std::uint8_t* bytes) {
  return reinterpret_cast<const Register*>(bytes);
}

[[MARVEL_WIDE]] inline __m128i block_of(std::uint64_t high, std::uint64_t low) {
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

// --- the tag ---

[[MARVEL_WIDE]] inline __m128i turned(__m128i block) {
  return _mm_shuffle_epi8(block,
                          _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
[[MARVEL_WIDE]] inline __m512i turned(__m512i blocks) {
  const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return _mm512_shuffle_epi8(blocks, _mm512_broadcast_i32x4(order));
}

// The product of a block with a kept power of H.
[[MARVEL_WIDE]] inline __m128i product(__m128i block, __m128i power) {
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

// Products of four blocks each, added up and not reduced yet.
struct Sums {
  __m512i low;
  __m512i middle;
  __m512i high;
};

[[MARVEL_WIDE]] inline Sums no_sums() {
  return {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
}

constexpr int kXor = 0x96;  // of three: how _mm512_ternarylogic calls it

[[MARVEL_WIDE]] inline void add_products(Sums& sums, __m512i blocks, __m512i powers) {
  sums.low = _mm512_xor_si512(sums.low, _mm512_clmulepi64_epi128(blocks, powers, 0x00));
  sums.middle =
      _mm512_ternarylogic_epi64(sums.middle, _mm512_clmulepi64_epi128(blocks, powers, 0x01),
                                _mm512_clmulepi64_epi128(blocks, powers, 0x10), kXor);
  sums.high = _mm512_xor_si512(sums.high, _mm512_clmulepi64_epi128(blocks, powers, 0x11));
}

[[MARVEL_WIDE]] inline __m128i reduced(const Sums& sums) {
  const __m512i polynomial = _mm512_broadcast_i32x4(block_of(kPolynomial, 1));
  const __m512i middle =
      _mm512_ternarylogic_epi64(sums.middle, _mm512_shuffle_epi32(sums.low, _MM_PERM_BADC),
                                _mm512_clmulepi64_epi128(polynomial, sums.low, 0x01), kXor);
  const __m512i four =
      _mm512_ternarylogic_epi64(sums.high, _mm512_shuffle_epi32(middle, _MM_PERM_BADC),
                                _mm512_clmulepi64_epi128(polynomial, middle, 0x01), kXor);
  const __m256i two =
      _mm256_xor_si256(_mm512_castsi512_si256(four), _mm512_extracti64x4_epi64(four, 1));
  return _mm_xor_si128(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}

// --- the key stream ---

// AES of one block.
[[MARVEL_WIDE]] inline __m128i encrypted(const WideGcm::Keys& keys, __m128i block) {
  block = _mm_xor_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[0])));
#pragma GCC unroll 16
  for (std::size_t round = 1; round < kRounds; ++round) {
    block = _mm_aesenc_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[round])));
  }
  return _mm_aesenclast_si128(block, _mm_load_si128(at<__m128i>(keys.rounds[kRounds])));
}

// AES of `kCount` registers of four blocks side by side, in place.
template <std::size_t kCount>
[[MARVEL_WIDE]] inline void encrypt(const WideGcm::Keys& keys, __m512i* blocks) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kCount; ++i) {
    blocks[i] = _mm512_xor_si512(blocks[i], _mm512_load_si512(keys.rounds[0]));
  }
#pragma GCC unroll 16
  for (std::size_t round = 1; round < kRounds; ++round) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kCount; ++i) {
      blocks[i] = _mm512_aesenc_epi128(blocks[i], _mm512_load_si512(keys.rounds[round]));
    }
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kCount; ++i) {
    blocks[i] = _mm512_aesenclast_epi128(blocks[i], _mm512_load_si512(keys.rounds[kRounds]));
  }
}

// Nonce ‖ number of the block, with the number little endian so that it can be added to.
[[MARVEL_WIDE]] inline __m128i first_counter(std::uint64_t counter) {
  constexpr std::uint64_t kOne = std::uint64_t{1} << 32U;
  return block_of(counter >> 32U | kOne, counter << 32U);
}
[[MARVEL_WIDE]] inline __m128i number_order() {
  return _mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// --- both ---

// One message on its way through.
struct Passage {
  __m512i counters;  // of the next four blocks
  __m128i sum;       // of the tag, reduced
  const WideGcm::Keys& keys;
};

[[MARVEL_WIDE]] inline __m512i next_counters(Passage& passage) {
  const __m512i blocks =
      _mm512_shuffle_epi8(passage.counters, _mm512_broadcast_i32x4(number_order()));
  passage.counters =
      _mm512_add_epi32(passage.counters, _mm512_broadcast_i32x4(_mm_set_epi32(4, 0, 0, 0)));
  return blocks;
}

// kPiece bytes in place.
template <bool kSeals>
[[MARVEL_WIDE]] inline void pass_piece(Passage& passage, std::uint8_t* bytes) {
  __m512i stream[kPiece / kWide];
#pragma GCC unroll 4
  for (__m512i& counters : stream) {
    counters = next_counters(passage);
  }
  encrypt<kPiece / kWide>(passage.keys, stream);
  Sums sums = no_sums();
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kPiece / kWide; ++i) {
    const __m512i before = _mm512_loadu_si512(bytes + i * kWide);
    const __m512i after = _mm512_xor_si512(before, stream[i]);
    _mm512_storeu_si512(bytes + i * kWide, after);
    __m512i text = turned(kSeals ? after : before);
    if (i == 0) {
      text = _mm512_xor_si512(text, _mm512_zextsi128_si512(passage.sum));
    }
    add_products(sums, text, _mm512_load_si512(passage.keys.powers[i * kWide / kBlock]));
  }
  passage.sum = reduced(sums);
}

// The last bytes, fewer than kPiece and more than none. The last block counts as if zeros followed.
template <bool kSeals>
[[MARVEL_WIDE]] inline void pass_rest(Passage& passage, std::uint8_t* bytes, std::size_t size) {
  const std::uint8_t* power = passage.keys.powers[kPowers - (size + kBlock - 1) / kBlock];
  Sums sums = no_sums();
  __m512i carried = _mm512_zextsi128_si512(passage.sum);
  for (std::size_t done = 0; done < size; done += kWide) {
    const std::size_t here = std::min(size - done, kWide);
    const __mmask64 there = ~std::uint64_t{0} >> (kWide - here);
    __m512i stream = next_counters(passage);
    encrypt<1>(passage.keys, &stream);
    const __m512i before = _mm512_maskz_loadu_epi8(there, bytes + done);
    const __m512i after = _mm512_maskz_mov_epi8(there, _mm512_xor_si512(before, stream));
    _mm512_mask_storeu_epi8(bytes + done, there, after);
    const __m512i text = _mm512_xor_si512(turned(kSeals ? after : before), carried);
    add_products(sums, text, _mm512_loadu_si512(power + done));
    carried = _mm512_setzero_si512();
  }
  passage.sum = reduced(sums);
}

// Changes `bytes` in place and gives their tag.
template <bool kSeals>
[[MARVEL_WIDE]] inline __m128i pass(const WideGcm::Keys& keys, std::uint64_t counter,
                                    Bytes associated, MutableBytes bytes) {
  const __m128i first = first_counter(counter);
  const __m128i power = _mm_load_si128(at<__m128i>(keys.powers[kPowers - 1]));
  const auto there = static_cast<__mmask16>((1U << associated.size()) - 1);
  const __m128i aside = turned(_mm_maskz_loadu_epi8(there, associated.data()));
  const __m512i four = _mm512_set_epi32(4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0);
  Passage passage{_mm512_add_epi32(_mm512_broadcast_i32x4(first), four), product(aside, power),
                  keys};
  std::size_t done = 0;
  for (; done + kPiece <= bytes.size(); done += kPiece) {
    pass_piece<kSeals>(passage, bytes.data() + done);
  }
  if (done < bytes.size()) {
    pass_rest<kSeals>(passage, bytes.data() + done, bytes.size() - done);
  }
  const __m128i sizes = block_of(8 * associated.size(), 8 * bytes.size());
  const __m128i sum = product(_mm_xor_si128(passage.sum, sizes), power);
  const __m128i mask = encrypted(keys, _mm_shuffle_epi8(first, number_order()));
  return _mm_xor_si128(mask, turned(sum));
}

[[MARVEL_WIDE]] void seal_wide(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                               MutableBytes text) {
  const __m128i tag = pass<true>(keys, counter, associated, text);
  _mm_storeu_si128(at<__m128i>(text.data() + text.size()), tag);
}

[[MARVEL_WIDE]] bool open_wide(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                               MutableBytes text) {
  const __m128i came = _mm_loadu_si128(at<__m128i>(text.data() + text.size()));
  const __m128i difference = _mm_xor_si128(pass<false>(keys, counter, associated, text), came);
  return _mm_testz_si128(difference, difference) != 0;  // all bits at once: in constant time
}

// --- the key ---

[[MARVEL_WIDE]] inline __m128i shifted_sums(__m128i words) {
  words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
  return _mm_xor_si128(words, _mm_slli_si128(words, 8));
}

// Two round keys more (FIPS 197, 5.2), from the two before them.
template <int kRoundConstant>
[[MARVEL_WIDE]] inline void expand(WideGcm::Keys& keys, std::size_t round) {
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

[[MARVEL_WIDE]] void expand_key(WideGcm::Keys& keys, const Secret& key) {
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
    for (std::size_t copy = 1; copy < kWide / kBlock; ++copy) {
      std::copy_n(round, kBlock, round + copy * kBlock);
    }
  }
}

// H = AES of zeros, then H·x and its powers.
[[MARVEL_WIDE]] void find_powers(WideGcm::Keys& keys) {
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

bool WideGcm::works_here() {
  static const bool kWorks =
      __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("vaes") != 0 &&
      __builtin_cpu_supports("vpclmulqdq") != 0;
  return kWorks;
}

WideGcm::WideGcm(const Secret& key) : keys_(std::make_unique<Keys>()) {
  MARVEL_CHECK(works_here(), "a CPU without the instructions");
  expand_key(*keys_, key);
  find_powers(*keys_);
}

void WideGcm::seal(std::uint64_t counter, Bytes associated, MutableBytes text) const {
  MARVEL_CHECK(associated.size() <= kMostAssociated, "too much to authenticate");
  seal_wide(*keys_, counter, associated, text);
}

bool WideGcm::open(std::uint64_t counter, Bytes associated, MutableBytes sealed) const {
  MARVEL_CHECK(associated.size() <= kMostAssociated, "too much to authenticate");
  if (sealed.size() < kTagSize) {
    return false;
  }
  return open_wide(*keys_, counter, associated, sealed.first(sealed.size() - kTagSize));
}

#else  // not x86-64

struct WideGcm::Keys {};

bool WideGcm::works_here() {
  return false;
}

WideGcm::WideGcm(const Secret&) {
  MARVEL_CHECK(false, "a CPU without the instructions");
}

void WideGcm::seal(std::uint64_t, Bytes, MutableBytes) const {}

bool WideGcm::open(std::uint64_t, Bytes, MutableBytes) const {
  return false;
}

#endif

WideGcm::~WideGcm() = default;
WideGcm::WideGcm(WideGcm&&) noexcept = default;
WideGcm& WideGcm::operator=(WideGcm&&) noexcept = default;

}  // namespace marvel::vpn
