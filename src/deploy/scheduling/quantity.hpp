#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>

namespace marvel::scheduling {

// An amount of a resource as Kubernetes writes it: "100m", "0.5", "1e3", "64Mi", "1.5Gi".
// Held exactly as a whole number of 10^-9; finer parts round up, as the API server does. Suffixes
// are n, u, m, k, M, G, T, P, E, the binary forms Ki, Mi, Gi, Ti, Pi, Ei, and exponents (e3, E-2).
//   Quantity::parse("100m")->thousandths()   // 100: a tenth of a CPU
//   Quantity::parse("1.5Gi")->units()        // 1'610'612'736: bytes
//
// A whole number and not a double: a pod that asks for exactly what is free must fit. A value of 16
// bytes; reading allocates for a refusal only.
class Quantity {
 public:
  // kInput for anything else, for negative amounts, for blanks around the number, and for numbers
  // of more than 40 digits. A leading '+', ".5" and "5." are good. Amounts beyond 2^63 - 1 whole
  // units are held as that, again as the server does.
  static Result<Quantity> parse(std::string_view text);

  // Rounded up, so nothing that was asked for is lost: 100m are 1 unit. Whole units: bytes,
  // devices. Thousandths: CPUs; at most 2^63 - 1, as units are.
  [[nodiscard]] std::int64_t units() const;
  [[nodiscard]] std::int64_t thousandths() const;

 private:
  __extension__ using Wide = __int128;
  explicit Quantity(Wide nano) : nano_(nano) {}
  Wide nano_ = 0;
  friend class QuantityReader;
};

}  // namespace marvel::scheduling
