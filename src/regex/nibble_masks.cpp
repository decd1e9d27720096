#include "regex/nibble_masks.hpp"

#include "regex/qgram_hash.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace marvel::regex {
namespace {

constexpr std::size_t kMostLiterals = 32;
constexpr std::size_t kGroups = 8;

}  // namespace

std::optional<NibbleMasks> NibbleMasks::make(const QgramFilter& filter) {
  const auto width = static_cast<std::size_t>(filter.gram() + filter.stride() - 1);
  if (width < kPlaces || filter.literals().size() > kMostLiterals) {
    return std::nullopt;
  }
  std::vector<std::string> windows;
  for (const QgramFilter::Entry& entry : filter.entries()) {
    windows.push_back(filter.literals()[entry.literal].substr(entry.begin, kPlaces));
  }
  // Neighbours begin alike, so their group's masks let little else pass.
  std::sort(windows.begin(), windows.end());
  NibbleMasks masks;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto group = static_cast<std::uint8_t>(1U << (i * kGroups / windows.size()));
    for (std::size_t place = 0; place < kPlaces; ++place) {
      const auto byte = static_cast<std::uint8_t>(windows[i][place] | static_cast<char>(kFoldCase));
      masks.low[place][byte & 15U] |= group;
      masks.high[place][byte >> 4U] |= group;
    }
  }
  return masks;
}

}  // namespace marvel::regex
