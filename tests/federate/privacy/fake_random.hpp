#pragma once

#include "base/random.hpp"
#include "federate/privacy/noise.hpp"

namespace marvel::federate::test_privacy {

// The same "secret" numbers in every run of a test.
class SeededRandom : public SecretRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : random_(seed) {}
  void fill(std::span<std::uint64_t> out) override {
    for (auto& value : out) {
      value = random_.next();
    }
  }

 private:
  CounterRng random_;
};

}  // namespace marvel::federate::test_privacy
