#include "report/format.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace marvel::report {

std::string bytes(double count) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  constexpr double kStep = 1024;
  std::size_t unit = 0;
  while (count >= kStep && unit + 1 < kUnits.size()) {
    count /= kStep;
    ++unit;
  }
  if (unit == 0) {
    return fmt::format("{:.0f} B", count);
  }
  return fmt::format("{:.{}f} {}", count, count < 10 ? 2 : (count < 100 ? 1 : 0), kUnits[unit]);
}

std::string count(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string percent(double value) {
  return value < 0 ? "-" : fmt::format("{:.2f} %", value);
}

std::string duration(double seconds) {
  constexpr int kMinute = 60;
  constexpr int kHour = 3600;
  if (seconds < 10) {
    return fmt::format("{:.1f} s", seconds);
  }
  const auto whole = std::lround(seconds);
  if (whole < kMinute) {
    return fmt::format("{} s", whole);
  }
  if (whole < kHour) {
    return fmt::format("{} min {:02} s", whole / kMinute, whole % kMinute);
  }
  return fmt::format("{} h {:02} min", whole / kHour, whole % kHour / kMinute);
}

std::string microseconds(double value) {
  return value > 0 ? fmt::format("{:.1f} µs", value) : "-";
}

std::string change(double before, double after) {
  return before > 0 ? fmt::format("{:+.1f} %", 100.0 * (after - before) / before) : "-";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) {
    // Continuation bytes of UTF-8 begin with 10.
    width += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  }
  return width;
}

}  // namespace marvel::report
