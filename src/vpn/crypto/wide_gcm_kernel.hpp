// GCM over registers of several blocks, for a source that has said before, in namespace gcm:
//
//   MARVEL_WIDE   the attribute of functions that use the width's instructions
//   Lanes         the register; kWide bytes, kLanes blocks
//   load, store, spread, widened, folded, sum, sum3, product_of, next_round, last_round,
//   turned_lanes, reordered, halves_swapped, ordinals, added, load_anywhere, load_some, store_some
//                 what the width calls its instructions (wide_gcm_four.cpp, wide_gcm_two.cpp)
//
// GCM is two things that do not wait for each other. The key stream is AES of a counter, as many
// blocks at a time as one likes. The tag is a polynomial of the ciphertext's blocks at a secret
// point H,
//
//   (..((X1·H ^ X2)·H ^ X3)..)·H  =  X1·H^n ^ X2·H^(n-1) ^ .. ^ Xn·H,
//
// and the sum on the right needs no order: with H to H^16 at hand sixteen blocks are multiplied
// side by side and reduced once. Several registers hide how long an instruction takes, and the CPU
// begins with the next piece's key stream while the product of the last one is under way.
//
// GCM counts bits from the left. With the bytes of a block turned round its bits stand reversed;
// the product of two reversed numbers is the reversed product shifted by one, which is paid once by
// keeping H·x in place of H (Gueron and Kounavis, "Intel Carry-Less Multiplication Instruction and
// its Usage for Computing the GCM Mode").
#pragma once

#include "vpn/crypto/wide_gcm_block.hpp"

#include <algorithm>

namespace marvel::vpn::gcm {
namespace {

// Registers of a piece: 4 with AVX-512, 8 with AVX2. Everything here has internal linkage, because
// each width compiles it for itself.
constexpr std::size_t kRegisters = kPiece / kWide;

// --- the tag ---

// Products of several blocks each, added up and not reduced yet: of the low halves, of the high
// ones, and the two crosswise ones together. Adding first and reducing once is what saves the time.
struct Sums {
  Lanes low;
  Lanes middle;
  Lanes high;
};

[[MARVEL_WIDE]] inline Sums no_sums() {
  const Lanes none = widened(_mm_setzero_si128());
  return {none, none, none};
}

// Lane by lane: block times power, four products of halves.
[[MARVEL_WIDE]] inline void add_products(Sums& sums, Lanes blocks, Lanes powers) {
  sums.low = sum(sums.low, product_of<0x00>(blocks, powers));
  sums.middle =
      sum3(sums.middle, product_of<0x01>(blocks, powers), product_of<0x10>(blocks, powers));
  sums.high = sum(sums.high, product_of<0x11>(blocks, powers));
}

// The one block that the sums stand for: reduced in each lane, then the lanes added up. That order
// is free, because reduction is linear.
[[MARVEL_WIDE]] inline __m128i reduced(const Sums& sums) {
  const Lanes polynomial = spread(block_of(kPolynomial, 1));
  const Lanes middle =
      sum3(sums.middle, halves_swapped(sums.low), product_of<0x01>(polynomial, sums.low));
  return folded(sum3(sums.high, halves_swapped(middle), product_of<0x01>(polynomial, middle)));
}

// --- the key stream ---

// AES of `kCount` registers side by side, in place. Round by round over all of them: an instruction
// takes several cycles, and another register can begin in each.
template <std::size_t kCount>
[[MARVEL_WIDE]] inline void encrypt(const WideGcm::Keys& keys, Lanes* blocks) {
  const Lanes first = load(keys.rounds[0]);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kCount; ++i) {
    blocks[i] = sum(blocks[i], first);
  }
#pragma GCC unroll 16
  for (std::size_t round = 1; round < kRounds; ++round) {
    const Lanes key = load(keys.rounds[round]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kCount; ++i) {
      blocks[i] = next_round(blocks[i], key);
    }
  }
  const Lanes last = load(keys.rounds[kRounds]);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kCount; ++i) {
    blocks[i] = last_round(blocks[i], last);
  }
}

// Nonce ‖ number of the block, with the number little endian so that it can be added to. It is 1
// here, whose key stream masks the tag; the text begins with 2.
[[MARVEL_WIDE]] inline __m128i first_counter(std::uint64_t counter) {
  constexpr std::uint64_t kOne = std::uint64_t{1} << 32U;
  return block_of(counter >> 32U | kOne, counter << 32U);
}
// The shuffle that turns the number, the last 4 bytes, to GCM's big endian and back.
[[MARVEL_WIDE]] inline __m128i number_order() {
  return _mm_set_epi8(12, 13, 14, 15, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// --- both ---

// One message on its way through.
struct Passage {
  Lanes counters;  // of the next blocks
  __m128i sum;     // of the tag, reduced
  const WideGcm::Keys& keys;
};

// The counter blocks of the next kLanes blocks, as AES takes them.
[[MARVEL_WIDE]] inline Lanes next_counters(Passage& passage) {
  const Lanes blocks = reordered(passage.counters, number_order());
  passage.counters =
      added(passage.counters, spread(_mm_set_epi32(static_cast<int>(kLanes), 0, 0, 0)));
  return blocks;
}

// kPiece bytes in place: key stream, text, and the tag's sum over the ciphertext, which is what
// comes out when sealing and what went in when opening. The sum so far is added to the first block;
// the powers go down from H^16 to H.
template <bool kSeals>
[[MARVEL_WIDE]] inline void pass_piece(Passage& passage, std::uint8_t* bytes) {
  Lanes stream[kRegisters];
#pragma GCC unroll 8
  for (Lanes& counters : stream) {
    counters = next_counters(passage);
  }
  encrypt<kRegisters>(passage.keys, stream);
  Sums sums = no_sums();
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRegisters; ++i) {
    const Lanes before = load_anywhere(bytes + i * kWide);
    const Lanes after = sum(before, stream[i]);
    store(bytes + i * kWide, after);
    Lanes text = turned_lanes(kSeals ? after : before);
    if (i == 0) {
      text = sum(text, widened(passage.sum));
    }
    add_products(sums, text, load(passage.keys.powers[i * kLanes]));
  }
  passage.sum = reduced(sums);
}

// The last bytes, fewer than kPiece and more than none. The last block counts as if zeros followed.
// The powers begin further down, so that the last block is multiplied with H again; load_some() and
// store_some() touch no byte that is not the caller's.
template <bool kSeals>
[[MARVEL_WIDE]] inline void pass_rest(Passage& passage, std::uint8_t* bytes, std::size_t size) {
  const std::uint8_t* power = passage.keys.powers[kPowers - (size + kBlock - 1) / kBlock];
  Sums sums = no_sums();
  Lanes carried = widened(passage.sum);
  for (std::size_t done = 0; done < size; done += kWide) {
    const std::size_t here = std::min(size - done, kWide);
    Lanes stream = next_counters(passage);
    encrypt<1>(passage.keys, &stream);
    const Lanes before = load_some(bytes + done, here);
    const Lanes after = store_some(bytes + done, here, sum(before, stream));
    add_products(sums, sum(turned_lanes(kSeals ? after : before), carried),
                 load_anywhere(power + done));
    carried = widened(_mm_setzero_si128());
  }
  passage.sum = reduced(sums);
}

// A block that begins with the bytes, at most kBlock of them, and ends with zeros.
[[MARVEL_WIDE]] inline __m128i filled_up(Bytes bytes) {
  alignas(kBlock) std::uint8_t block[kBlock]{};
  std::copy(bytes.begin(), bytes.end(), block);
  return _mm_load_si128(at<__m128i>(block));
}

// Changes `bytes` in place and gives their tag: the sum over associated data, ciphertext and both
// sizes in bits, xor the key stream of block 1 (SP 800-38D, 7.1). The associated data is one block,
// so an empty one is left out by being zeros.
template <bool kSeals>
[[MARVEL_WIDE]] inline __m128i pass(const WideGcm::Keys& keys, std::uint64_t counter,
                                    Bytes associated, MutableBytes bytes) {
  const __m128i first = first_counter(counter);
  const __m128i power = _mm_load_si128(at<__m128i>(keys.powers[kPowers - 1]));
  Passage passage{added(spread(first), ordinals()), product(turned(filled_up(associated)), power),
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

// The tag is written behind `text`, and read there when opening.
[[MARVEL_WIDE]] inline void seal(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                                 MutableBytes text) {
  const __m128i tag = pass<true>(keys, counter, associated, text);
  _mm_storeu_si128(at<__m128i>(text.data() + text.size()), tag);
}

[[MARVEL_WIDE]] inline bool open(const WideGcm::Keys& keys, std::uint64_t counter, Bytes associated,
                                 MutableBytes text) {
  const __m128i came = _mm_loadu_si128(at<__m128i>(text.data() + text.size()));
  const __m128i difference = _mm_xor_si128(pass<false>(keys, counter, associated, text), came);
  return _mm_testz_si128(difference, difference) != 0;  // all bits at once: in constant time
}

}  // namespace
}  // namespace marvel::vpn::gcm
