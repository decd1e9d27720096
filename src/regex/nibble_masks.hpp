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
//
// A position may begin a window when at all four places some group is in both masks:
//   groups = low[0][t[0] & 15] & high[0][t[0] >> 4] & low[1][t[1] & 15] & ...   // t with bit 5 set
// A position that passes in vain costs a second test (see qgram_window.hpp) and changes no result,
// so literals that begin alike share a group, and bit 5 is set in text and masks to fold ASCII's
// case.
struct NibbleMasks {
  static constexpr std::size_t kPlaces = 4;

  // By nibble, a bit per group.
  using Table = std::array<std::uint8_t, 16>;
  std::array<Table, kPlaces> low{};
  std::array<Table, kPlaces> high{};

  // Nothing when there are so many literals that too many positions would pass (more than 32), or
  // when windows are too short (below four bytes). `filter` is not needed afterwards.
  static std::optional<NibbleMasks> make(const QgramFilter& filter);
};

}  // namespace marvel::regex
