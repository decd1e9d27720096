#include "federate/server/round_report.hpp"

#include <algorithm>
#include <array>

namespace marvel::federate {

std::string_view fate_name(Fate fate) {
  constexpr std::array<std::string_view, 8> kNames{"asked", "merged", "empty",    "refused",
                                                   "gone",  "late",   "reported", "void"};
  return kNames[static_cast<std::size_t>(fate)];
}

bool is_unanswered(Fate fate) {
  return fate == Fate::kAsked || fate == Fate::kGone;
}

std::uint64_t RoundReport::count(Fate fate) const {
  return static_cast<std::uint64_t>(std::count_if(
      clients.begin(), clients.end(), [fate](const auto& row) { return row.fate == fate; }));
}

}  // namespace marvel::federate
