#pragma once

#include "vpn/bytes.hpp"

namespace marvel::vpn::n2n {

// The block cipher SPECK-128 (Beaulieu and others, 2013) with keys of 128 bits (32 rounds) and 256
// bits (34 rounds), in the byte order of its implementation guide: a block is two little-endian
// words, the second word of the paper's pair first.
//
// n2n has it for frames (256 bits), headers, trailers and tokens of users (128 bits). It is here
// because n2n has it; the native mode does not use it. It needs no tables and no branches on data.
// A value of 280 bytes, which is not wiped. Calls may run in parallel.
class Speck {
 public:
  using BlockBytes = Block<16>;

  // Expands the key, once for as many blocks as one likes.
  explicit Speck(const Block<16>& key);
  explicit Speck(const Block<32>& key);

  [[nodiscard]] BlockBytes encrypt(const BlockBytes& block) const;
  [[nodiscard]] BlockBytes decrypt(const BlockBytes& block) const;
  // Counter mode, which is its own opposite: block number i of the key stream is the encrypted `iv`
  // with i added to its first word, without a carry into the second one. Sixteen blocks at a time,
  // by AVX2 or AVX-512 where the machine has it: about 2 GB/s. In place, of any length; a rest of
  // fewer than 256 bytes costs as much as 256. No `iv` may be used twice with one key.
  void apply(const BlockBytes& iv, MutableBytes bytes) const;

 private:
  void expand(const std::uint64_t* key, std::size_t words);

  std::array<std::uint64_t, 34> keys_{};
  std::size_t rounds_ = 0;
};

}  // namespace marvel::vpn::n2n
