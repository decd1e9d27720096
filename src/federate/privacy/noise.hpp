#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace marvel::federate {

// Random numbers that nobody can foretell: noise and sampling of differential privacy protect only
// against those who cannot draw the same numbers again. Used by one thread at a time.
class SecretRandom {
 public:
  SecretRandom() = default;
  SecretRandom(const SecretRandom&) = delete;
  SecretRandom& operator=(const SecretRandom&) = delete;
  virtual ~SecretRandom() = default;

  // Independent and uniform over all 64 bits.
  virtual void fill(std::span<std::uint64_t> out) = 0;
};

// By libsodium: a ChaCha20 stream whose key comes from the system and is replaced from the stream
// itself in every call, so that memory read later tells nothing of noise drawn before. kUnsupported
// when the system has no source of randomness.
Result<std::unique_ptr<SecretRandom>> system_random();

// Fills `out` with independent N(0, deviation^2).
//
// Computers' normal numbers are not the ones of the proofs: the set of doubles that one formula can
// give is sparse, and which of them appear in a noised sum can betray the sum (Mironov, CCS 2012;
// for Gaussians Jin et al., S&P 2022). Two measures, as Holohan and Braghin (arXiv 2107.10138)
// propose and weigh them: each value is the sum of four Box-Muller normals over 2, so that
// 2^52-fold many combinations lead to every value; and who adds the noise rounds the result to a
// grid (snap_step) that is far coarser than doubles and far finer than the noise.
//
//   gaussian(*random, deviation, noise);
//   const double released = snap(value + noise[i], snap_step(deviation));
// `deviation` >= 0. Eight 64-bit draws per pair of values, fetched 512 values at a time.
void gaussian(SecretRandom& random, double deviation, std::span<double> out);

// The grid's step for noise of this deviation, > 0: the power of two just below deviation / 2^20. A
// function of the deviation alone, so it tells nothing of the value.
[[nodiscard]] double snap_step(double deviation);
// `value` on the grid: the nearest multiple of `step`, ties to even ones.
[[nodiscard]] double snap(double value, double step);

// True with probability p, [0, 1]; 0 never and 1 always. One draw.
bool secret_coin(SecretRandom& random, double p);

}  // namespace marvel::federate
