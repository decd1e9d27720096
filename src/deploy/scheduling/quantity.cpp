// A quantity is mantissa * 10^exponent * 2^shift. The reader collects the three and scales them to
// 10^-9 with saturation: at most 2^63 units are 2^93 of these, so 128 bits hold every step.
#include "deploy/scheduling/quantity.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace marvel::scheduling {

class QuantityReader {
 public:
  explicit QuantityReader(std::string_view text) : text_(text), rest_(text) {}

  Result<Quantity> read() {
    if (!rest_.empty() && rest_.front() == '+') {
      rest_.remove_prefix(1);
    }
    if (!read_digits() || !read_suffix()) {
      return refuse();
    }
    return Quantity(scaled());
  }

 private:
  using Wide = Quantity::Wide;
  static constexpr Wide kNanoPerUnit = 1'000'000'000;
  static constexpr Wide kMost = std::numeric_limits<std::int64_t>::max() * kNanoPerUnit;
  static constexpr std::size_t kMaxDigits = 40;

  [[nodiscard]] tl::unexpected<Error> refuse() const {
    return fail(Errc::kInput, "'" + std::string(text_.substr(0, 60)) + "' is not a quantity",
                "write a number of at least 0 with a unit such as m, k, M, G, Ki, Mi or Gi");
  }

  // Digits beyond the 28th cannot matter: they are finer than 10^-9 or above the largest amount.
  bool read_digits() {
    std::size_t count = 0;
    bool in_fraction = false;
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      const char c = rest_.front();
      if (c == '.' && !in_fraction) {
        in_fraction = true;
        continue;
      }
      if (c < '0' || c > '9') {
        break;
      }
      ++count;
      add_digit(c - '0', in_fraction);
    }
    return count > 0 && count <= kMaxDigits;
  }

  void add_digit(int digit, bool in_fraction) {
    constexpr Wide kRoom = Wide{1} << 110;
    if (mantissa_ < kRoom) {
      mantissa_ = mantissa_ * 10 + digit;
      exponent_ -= in_fraction ? 1 : 0;
    } else {
      inexact_ = inexact_ || digit != 0;
      exponent_ += in_fraction ? 0 : 1;
    }
  }

  bool read_suffix() {
    if (rest_.empty()) {
      return true;
    }
    if ((rest_.front() == 'e' || rest_.front() == 'E') && rest_.size() > 1) {
      return read_exponent();
    }
    constexpr std::string_view kDecimal = "numkMGTPE";
    constexpr int kPowers[] = {-9, -6, -3, 3, 6, 9, 12, 15, 18};
    if (rest_.size() == 1) {
      const auto at = kDecimal.find(rest_.front());
      exponent_ += at == std::string_view::npos ? 0 : kPowers[at];
      return at != std::string_view::npos;
    }
    constexpr std::string_view kBinary = "KMGTPE";
    const auto at = kBinary.find(rest_.front());
    shift_ = static_cast<int>(at + 1) * 10;
    return rest_.size() == 2 && rest_[1] == 'i' && at != std::string_view::npos;
  }

  bool read_exponent() {
    if (rest_ == "Ei") {
      shift_ = 60;
      return true;
    }
    std::string_view number = rest_.substr(1);
    if (number.front() == '+') {
      number.remove_prefix(1);
    }
    const auto value = parse_integer(number);
    if (!value || number.find_first_not_of("-0123456789") != std::string_view::npos) {
      return false;
    }
    exponent_ += static_cast<int>(std::clamp<std::int64_t>(*value, -1000, 1000));
    return true;
  }

  // Doubles before it divides, so that a binary suffix sees the digits behind the point.
  [[nodiscard]] Wide scaled() const {
    Wide value = mantissa_;
    int power = exponent_ + 9;
    bool inexact = inexact_;
    int shift = shift_;
    while (shift > 0 && value < (Wide{1} << 120)) {
      value *= 2;
      --shift;
    }
    for (; power < 0 && value > 0; ++power) {
      inexact = inexact || value % 10 != 0;
      value /= 10;
    }
    for (value = std::min(value, kMost); shift > 0 && value < kMost; --shift) {
      value = std::min(value * 2, kMost);
    }
    for (; power > 0 && value > 0 && value < kMost; --power) {
      value = std::min(value * 10, kMost);
    }
    return std::min(value + (inexact ? 1 : 0), kMost);
  }

  std::string_view text_;
  std::string_view rest_;
  Wide mantissa_ = 0;
  int exponent_ = 0;
  int shift_ = 0;
  bool inexact_ = false;
};

Result<Quantity> Quantity::parse(std::string_view text) {
  return QuantityReader(text).read();
}

std::int64_t Quantity::units() const {
  constexpr Wide kUnit = 1'000'000'000;
  return static_cast<std::int64_t>((nano_ + kUnit - 1) / kUnit);
}

std::int64_t Quantity::thousandths() const {
  constexpr Wide kThousandth = 1'000'000;
  const Wide value = (nano_ + kThousandth - 1) / kThousandth;
  return static_cast<std::int64_t>(std::min(value, Wide{std::numeric_limits<std::int64_t>::max()}));
}

}  // namespace marvel::scheduling
