#pragma once

#include <cstdint>
#include <span>

namespace marvel {

// Counter-based random numbers: a value is a pure function of (key, counter), so any step of a run
// can be drawn again without replaying the ones before it. That is what makes a resumed run equal
// to an uninterrupted one, to the bit. The mixer is SplitMix64's finaliser (Steele, Lea, Flood,
// OOPSLA 2014); it is not for cryptography.
//   CounterRng rng(stream_key(seed, kShuffle, epoch));
//   const double u = rng.uniform();
// Values of whole numbers are the same on every machine and with every compiler; they are not those
// of <random>, whose distributions each library may make in its own way.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// A stream's key from a seed and up to three coordinates (purpose, epoch, layer, ...). Their order
// counts. The purpose, a constant of the module that draws, keeps streams with the same seed apart;
// where three coordinates are too few, a key is the seed of the next one.
[[nodiscard]] constexpr std::uint64_t stream_key(std::uint64_t seed, std::uint64_t a,
                                                 std::uint64_t b = 0, std::uint64_t c = 0) {
  return mix(mix(mix(mix(seed) ^ a) ^ b) ^ c);
}

// The numbers of one stream, in order. Two with the same key give the same numbers. Its state is 16
// bytes, and making one costs nothing, so each sample or client may have its own. One thread at a
// time.
class CounterRng {
 public:
  explicit constexpr CounterRng(std::uint64_t key) : key_(key) {}

  // Uniform over all 64-bit numbers.
  constexpr std::uint64_t next() { return mix(key_ + 0x9e3779b97f4a7c15U * counter_++); }
  // Uniform in the open interval (0, 1), never 0 and never 1.
  constexpr double uniform() { return (static_cast<double>(next() >> 12U) + 0.5) * 0x1.0p-52; }
  // Uniform in [0, bound); bound > 0. The bias is below bound / 2^32. Never draws again to get rid
  // of it, so each call moves the counter by one.
  constexpr std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U);
  }
  // Standard normal by Box and Muller; uses two draws. The second value of the pair is thrown away,
  // so that the counter alone is the state. The last bit is that of the C library's log and cos.
  double normal();

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

// Fills `order` with a uniformly random permutation of 0 .. size-1 (Fisher and Yates); what it held
// does not matter. The size is below 2^32. Allocates nothing.
void random_permutation(std::uint64_t key, std::span<std::uint32_t> order);

}  // namespace marvel
