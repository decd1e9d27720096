#pragma once

#include "regex/qgram_filter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace marvel::regex {

// For a few literals: which of eight groups of them may have a byte with these four low, or these
// four high bits at each of the first four places of their windows. A vector instruction looks up
// 32 bytes of text at once, so every position can be looked at. Known as Teddy from Hyperscan (Wang
// and others, Hyperscan: a fast multi-pattern regex matcher for modern CPUs, NSDI 2019).
struct NibbleMasks {
  static constexpr std::size_t kPlaces = 4;

  using Table = std::array<std::uint8_t, 16>;  // by nibble, a bit per group
  std::array<Table, kPlaces> low{};
  std::array<Table, kPlaces> high{};

  // Nothing when there are so many literals that too many positions would pass, or when windows
  // are too short.
  static std::optional<NibbleMasks> make(const QgramFilter& filter);
};

}  // namespace marvel::regex
