#include "federate/secure/shamir.hpp"

#include "base/check.hpp"

namespace marvel::federate::secure {
namespace {

std::uint8_t times(std::uint8_t a, std::uint8_t b) {
  constexpr unsigned kReduce = 0x1b;  // x^8 = x^4 + x^3 + x + 1
  unsigned product = 0;
  unsigned shifted = a;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= shifted & (0U - (static_cast<unsigned>(b) >> bit & 1U));
    shifted = (shifted << 1U & 0xffU) ^ (kReduce & (0U - (shifted >> 7U)));
  }
  return static_cast<std::uint8_t>(product);
}

// a^254, which is 1 / a: the group has 255 elements.
std::uint8_t inverse(std::uint8_t a) {
  std::uint8_t power = a;
  std::uint8_t result = 1;
  for (int bit = 1; bit < 8; ++bit) {
    power = times(power, power);
    result = times(result, power);
  }
  return result;
}

}  // namespace

std::vector<Key> split(const Key& secret, std::size_t count, std::span<const Key> coefficients) {
  const bool possible = count >= 1 && count <= 255;
  MARVEL_CHECK(possible, "shamir: places are 1 to 255");
  std::vector<Key> shares(count);
  for (std::size_t s = 0; s < count; ++s) {
    const auto at = static_cast<std::uint8_t>(s + 1);
    for (std::size_t i = 0; i < secret.size(); ++i) {
      std::uint8_t value = 0;
      for (std::size_t degree = coefficients.size(); degree-- > 0;) {  // Horner
        value = times(static_cast<std::uint8_t>(value ^ coefficients[degree][i]), at);
      }
      shares[s][i] = value ^ secret[i];
    }
  }
  return shares;
}

std::vector<Key> split(const Key& secret, std::size_t threshold, std::size_t count) {
  const bool possible = threshold >= 1 && threshold <= count;
  MARVEL_CHECK(possible, "shamir: threshold is 1 to the number");
  std::vector<Key> coefficients(threshold - 1);
  for (auto& coefficient : coefficients) {
    coefficient = random_key();
  }
  auto shares = split(secret, count, coefficients);
  for (auto& coefficient : coefficients) {
    wipe(coefficient);
  }
  return shares;
}

// Lagrange's polynomial at 0: sum_i y_i prod_{j != i} x_j / (x_j - x_i); minus is exclusive or.
std::optional<Key> join(std::span<const Share> shares) {
  Key secret{};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    std::uint8_t weight = 1;
    for (std::size_t j = 0; j < shares.size(); ++j) {
      if (i == j) {
        continue;
      }
      const auto gap = static_cast<std::uint8_t>(shares[i].at ^ shares[j].at);
      if (gap == 0) {
        return std::nullopt;
      }
      weight = times(weight, times(shares[j].at, inverse(gap)));
    }
    if (shares[i].at == 0) {
      return std::nullopt;
    }
    for (std::size_t b = 0; b < secret.size(); ++b) {
      secret[b] ^= times(weight, shares[i].value[b]);
    }
  }
  return secret;
}

}  // namespace marvel::federate::secure
