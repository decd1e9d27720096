// Randomness from libsodium, for noise that nobody can foretell.
#include "federate/privacy/noise.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <sodium.h>

namespace marvel::federate {
namespace {

class SodiumRandom : public SecretRandom {
 public:
  SodiumRandom() { randombytes_buf(key_.data(), key_.size()); }
  SodiumRandom(const SodiumRandom&) = delete;
  SodiumRandom& operator=(const SodiumRandom&) = delete;
  ~SodiumRandom() override { sodium_memzero(key_.data(), key_.size()); }

  // Stream of the key: first the next key, then what was asked for.
  void fill(std::span<std::uint64_t> out) override {
    constexpr std::array<unsigned char, crypto_stream_chacha20_NONCEBYTES> kNonce{};
    std::vector<unsigned char> stream(key_.size() + out.size_bytes());
    crypto_stream_chacha20(stream.data(), stream.size(), kNonce.data(), key_.data());
    std::copy_n(stream.begin(), key_.size(), key_.begin());
    if (!out.empty()) {
      std::memcpy(out.data(), stream.data() + key_.size(), out.size_bytes());
    }
    sodium_memzero(stream.data(), stream.size());
  }

 private:
  std::array<unsigned char, crypto_stream_chacha20_KEYBYTES> key_{};
};

}  // namespace

Result<std::unique_ptr<SecretRandom>> system_random() {
  if (sodium_init() < 0) {
    return fail(Errc::kUnsupported, "libsodium finds no source of randomness on this system",
                "differential privacy needs one, such as /dev/urandom");
  }
  return std::unique_ptr<SecretRandom>(std::make_unique<SodiumRandom>());
}

}  // namespace marvel::federate
