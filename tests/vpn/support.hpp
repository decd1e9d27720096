#pragma once

#include "base/random.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/noise/handshake.hpp"

#include <cstdlib>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::vpn {

// Random bytes of a seed, so that a failure can be had again.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : rng_(seed) {}
  void fill(MutableBytes out) override {
    for (auto& byte : out) {
      byte = static_cast<std::uint8_t>(rng_.next() >> 32U);
    }
  }
  CounterRng& rng() { return rng_; }

 private:
  CounterRng rng_;
};

inline KeyPairX make_identity(std::uint64_t seed) {
  SeededRandom random(seed);
  return KeyPairX::from(random_secret(random));
}

inline std::vector<std::uint8_t> unhexed(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  REQUIRE(unhex(text, bytes));
  return bytes;
}

inline Secret secret_of(std::string_view text) {
  Secret secret;
  REQUIRE(unhex(text, secret.bytes));
  return secret;
}

// How many random cases a test tries: `usual`, times MARVEL_SEEDS when that is set. Sanitizers make
// each of them many times slower, so there are fewer.
inline std::uint64_t seeds(std::uint64_t usual) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::uint64_t kFewer = 5;
  usual = (usual + kFewer - 1) / kFewer;
#endif
  const char* const times = std::getenv("MARVEL_SEEDS");  // NOLINT(concurrency-mt-unsafe)
  return times == nullptr ? usual : usual * std::stoull(times);
}

}  // namespace marvel::vpn
