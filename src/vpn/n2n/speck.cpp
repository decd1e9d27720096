// A round works on 64-bit words only, so four blocks fit into one vector register of 256 bits, and
// four such registers at a time hide how long each operation takes. The same source is compiled
// twice; which one runs is found out at the first call.
#include "vpn/n2n/speck.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

using Words = std::uint64_t __attribute__((vector_size(32)));
constexpr std::size_t kGroups = 4;
constexpr std::size_t kAtOnce = kGroups * 64;  // bytes

constexpr std::uint64_t rotl3(std::uint64_t word) {
  return word << 3U | word >> 61U;
}
constexpr std::uint64_t rotr8(std::uint64_t word) {
  return word >> 8U | word << 56U;
}

struct Stream {
  const std::uint64_t* keys;
  std::size_t rounds;
  std::uint64_t first;  // word of the counter block; it counts
  std::uint64_t second;
};

// Changes `bytes`, whole pieces of kAtOnce, by the key stream.
[[gnu::always_inline]] inline void apply_wide(const Stream& stream, std::uint8_t* bytes,
                                              std::size_t pieces) {
  std::uint64_t first = stream.first;
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    Words x[kGroups];  // NOLINT
    Words y[kGroups];  // NOLINT
    for (std::size_t at = 0; at < kGroups; ++at) {
      x[at] = Words{} + stream.second;
      y[at] = Words{0, 1, 2, 3} + first;
      first += 4;
    }
    for (std::size_t round = 0; round < stream.rounds; ++round) {
      // Only without a loop do the words stay in registers.
#pragma GCC unroll 4
      for (std::size_t at = 0; at < kGroups; ++at) {
        x[at] = ((x[at] >> 8 | x[at] << 56) + y[at]) ^ stream.keys[round];
        y[at] = (y[at] << 3 | y[at] >> 61) ^ x[at];
      }
    }
    for (std::size_t at = 0; at < kGroups; ++at) {
      const Words low = __builtin_shufflevector(y[at], x[at], 0, 4, 1, 5);
      const Words high = __builtin_shufflevector(y[at], x[at], 2, 6, 3, 7);
      Words text{};
      std::memcpy(&text, bytes, sizeof text);
      text ^= low;
      std::memcpy(bytes, &text, sizeof text);
      std::memcpy(&text, bytes + sizeof text, sizeof text);
      text ^= high;
      std::memcpy(bytes + sizeof text, &text, sizeof text);
      bytes += 2 * sizeof text;
    }
  }
}

#if defined(__x86_64__)
// Rotates words with one instruction.
[[gnu::target("avx512f,avx512vl")]] void apply_avx512(const Stream& stream, std::uint8_t* bytes,
                                                      std::size_t pieces) {
  apply_wide(stream, bytes, pieces);
}

[[gnu::target("avx2")]] void apply_avx2(const Stream& stream, std::uint8_t* bytes,
                                        std::size_t pieces) {
  apply_wide(stream, bytes, pieces);
}
#endif

void apply_any(const Stream& stream, std::uint8_t* bytes, std::size_t pieces) {
#if defined(__x86_64__)
  static const bool kAvx512 =
      __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  static const bool kAvx2 = __builtin_cpu_supports("avx2") != 0;
  if (kAvx512) {
    return apply_avx512(stream, bytes, pieces);
  }
  if (kAvx2) {
    return apply_avx2(stream, bytes, pieces);
  }
#endif
  apply_wide(stream, bytes, pieces);
}

}  // namespace

Speck::Speck(const Block<16>& key) : rounds_(32) {
  const std::array<std::uint64_t, 2> words{load_le<std::uint64_t>(key.data()),
                                           load_le<std::uint64_t>(key.data() + 8)};
  expand(words.data(), words.size());
}

Speck::Speck(const Block<32>& key) : rounds_(34) {
  std::array<std::uint64_t, 4> words{};
  std::memcpy(words.data(), key.data(), key.size());
  expand(words.data(), words.size());
}

void Speck::expand(const std::uint64_t* key, std::size_t words) {
  std::array<std::uint64_t, 3> rest{};
  std::copy(key + 1, key + words, rest.begin());
  std::uint64_t current = key[0];
  for (std::size_t round = 0; round < rounds_; ++round) {
    keys_[round] = current;
    std::uint64_t& next = rest[round % (words - 1)];
    next = (rotr8(next) + current) ^ round;
    current = rotl3(current) ^ next;
  }
}

Speck::BlockBytes Speck::encrypt(const BlockBytes& block) const {
  auto y = load_le<std::uint64_t>(block.data());
  auto x = load_le<std::uint64_t>(block.data() + 8);
  for (std::size_t round = 0; round < rounds_; ++round) {
    x = (rotr8(x) + y) ^ keys_[round];
    y = rotl3(y) ^ x;
  }
  BlockBytes out{};
  store_le(out.data(), y);
  store_le(out.data() + 8, x);
  return out;
}

Speck::BlockBytes Speck::decrypt(const BlockBytes& block) const {
  auto y = load_le<std::uint64_t>(block.data());
  auto x = load_le<std::uint64_t>(block.data() + 8);
  for (std::size_t round = rounds_; round-- > 0;) {
    y ^= x;
    y = y >> 3U | y << 61U;
    x = (x ^ keys_[round]) - y;
    x = x << 8U | x >> 56U;
  }
  BlockBytes out{};
  store_le(out.data(), y);
  store_le(out.data() + 8, x);
  return out;
}

void Speck::apply(const BlockBytes& iv, MutableBytes bytes) const {
  Stream stream{keys_.data(), rounds_, load_le<std::uint64_t>(iv.data()),
                load_le<std::uint64_t>(iv.data() + 8)};
  const std::size_t pieces = bytes.size() / kAtOnce;
  apply_any(stream, bytes.data(), pieces);
  const MutableBytes rest = bytes.subspan(pieces * kAtOnce);
  if (!rest.empty()) {
    stream.first += pieces * (kAtOnce / 16);
    Block<kAtOnce> last{};
    std::copy(rest.begin(), rest.end(), last.begin());
    apply_any(stream, last.data(), 1);
    std::copy_n(last.begin(), rest.size(), rest.begin());
  }
}

}  // namespace marvel::vpn::n2n
