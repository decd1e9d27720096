#pragma once

#include "vpn/bytes.hpp"

namespace marvel::vpn::n2n {

// The block cipher SPECK-128 (Beaulieu and others, 2013) with keys of 128 bits (32 rounds) and 256
// bits (34 rounds), in the byte order of its implementation guide: a block is two little-endian
// words, the second word of the paper's pair first. Calls may run in parallel.
class Speck {
 public:
  using BlockBytes = Block<16>;

  explicit Speck(const Block<16>& key);
  explicit Speck(const Block<32>& key);

  [[nodiscard]] BlockBytes encrypt(const BlockBytes& block) const;
  [[nodiscard]] BlockBytes decrypt(const BlockBytes& block) const;
  // Counter mode, which is its own opposite: block number i of the key stream is the encrypted
  // `iv` with i added to its first word, without a carry into the second one. Sixteen blocks at a
  // time, by AVX2 where the machine has it: about 2 GB/s.
  void apply(const BlockBytes& iv, MutableBytes bytes) const;

 private:
  void expand(const std::uint64_t* key, std::size_t words);

  std::array<std::uint64_t, 34> keys_{};
  std::size_t rounds_ = 0;
};

}  // namespace marvel::vpn::n2n
