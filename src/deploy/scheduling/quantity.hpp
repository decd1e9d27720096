#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>

namespace marvel::scheduling {

// An amount of a resource as Kubernetes writes it: "100m", "0.5", "1e3", "64Mi", "1.5Gi".
// Held exactly as a whole number of 10^-9; finer parts round up, as the API server does. Suffixes
// are n, u, m, k, M, G, T, P, E, their binary forms Ki ... Ei, and exponents (e3, E-2).
class Quantity {
 public:
  // kInput for anything else, for negative amounts, and for numbers of more than 40 digits.
  // Amounts beyond 2^63 - 1 whole units are held as that, again as the server does.
  static Result<Quantity> parse(std::string_view text);

  // Rounded up. Whole units: bytes, devices. Thousandths: CPUs.
  [[nodiscard]] std::int64_t units() const;
  [[nodiscard]] std::int64_t thousandths() const;

 private:
  __extension__ using Wide = __int128;
  explicit Quantity(Wide nano) : nano_(nano) {}
  Wide nano_ = 0;
  friend class QuantityReader;
};

}  // namespace marvel::scheduling
