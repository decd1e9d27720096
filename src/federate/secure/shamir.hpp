#pragma once

#include "federate/secure/crypto.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace marvel::federate::secure {

// Shamir's secret sharing (1979) of keys, byte by byte over GF(2^8) with the polynomial of AES:
// any `threshold` shares give the secret, fewer give nothing. Share i of 1 to 255 is the value of a
// polynomial of degree threshold - 1 at i; the secret is its value at 0. No branch and no look-up
// depends on a secret.
//
//   const auto values = split(secret, 3, 5);  // any 3 of 5 give it back
//   const std::vector<Share> some{{1, values[0]}, {4, values[3]}, {5, values[4]}};
//   join(some) == secret;
// A wrong share is not noticed: it gives another secret.

// `at` is the place, 1 to 255: the point at which the polynomial has `value`.
struct Share {
  std::uint8_t at = 1;
  Key value{};
};

// One value per place 1 to `count`. 1 <= threshold <= count <= 255. `coefficients` are those of
// degree 1 to threshold - 1, secret and uniform.
std::vector<Key> split(const Key& secret, std::size_t count, std::span<const Key> coefficients);
// With coefficients of its own, which are wiped afterwards; prepare() must have succeeded.
std::vector<Key> split(const Key& secret, std::size_t threshold, std::size_t count);

// The secret from exactly as many shares as were needed; none when places are 0 or occur twice.
// Fewer shares, or shares of different secrets, give a key that is not the secret.
std::optional<Key> join(std::span<const Share> shares);

}  // namespace marvel::federate::secure
