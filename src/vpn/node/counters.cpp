#include "vpn/node/counters.hpp"

namespace marvel::vpn {

std::string_view drop_name(Drop reason) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Drop::kCount)> kNames{
      "malformed",   "forged",  "replayed",     "unknown_session", "not_admitted",
      "limited",     "spoofed", "unknown_peer", "no_path",         "queue_full",
      "not_carried", "storm",   "denied",       "too_large",       "not_sent"};
  return kNames.at(static_cast<std::size_t>(reason));
}

}  // namespace marvel::vpn
