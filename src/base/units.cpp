#include "base/units.hpp"

#include "base/text.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>

namespace marvel {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double kKi = 1024.0;
constexpr std::array<Unit, 14> kSizes{{{"", 1},
                                       {"B", 1},
                                       {"kB", 1e3},
                                       {"MB", 1e6},
                                       {"GB", 1e9},
                                       {"TB", 1e12},
                                       {"Ki", kKi},
                                       {"KiB", kKi},
                                       {"Mi", kKi* kKi},
                                       {"MiB", kKi* kKi},
                                       {"Gi", kKi* kKi* kKi},
                                       {"GiB", kKi* kKi* kKi},
                                       {"Ti", kKi* kKi* kKi* kKi},
                                       {"TiB", kKi* kKi* kKi* kKi}}};
constexpr std::array<Unit, 5> kDurations{
    {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};
constexpr double kLargest = 9.2e18;  // below 2^63, so both result types can hold it

std::optional<double> factor_of(std::string_view name, std::span<const Unit> units) {
  for (const auto& unit : units) {
    if (unit.name == name) {
      return unit.factor;
    }
  }
  return std::nullopt;
}

// The number times its unit's factor, or nothing when `text` is not "NUMBER UNIT".
std::optional<double> measure(std::string_view text, std::span<const Unit> units) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789."));
  const auto number = parse_real(digits);
  const auto factor = factor_of(trim(text.substr(digits.size())), units);
  if (!number || !factor || *number * *factor > kLargest) {
    return std::nullopt;
  }
  return *number * *factor;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto bytes = measure(trim(text), kSizes);
  if (!bytes) {
    return fail(Errc::kInput, "'" + std::string(text) + "' is not a size",
                "write bytes or a unit, as in 500kB, 64MiB or 2GiB");
  }
  return static_cast<std::uint64_t>(*bytes);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto milliseconds = measure(trim(text), kDurations);
  if (!milliseconds) {
    return fail(Errc::kInput, "'" + std::string(text) + "' is not a duration",
                "give a unit, as in 250ms, 30s, 5m, 2h or 1d");
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

}  // namespace marvel
