#include "vpn/n2n/counters.hpp"

namespace marvel::vpn::n2n {

std::string_view drop_name(Drop reason) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Drop::kCount)> kNames{
      "malformed",    "unknown_community", "replayed",  "unknown_sender", "unknown_peer",
      "no_supernode", "other_cipher",      "other_key", "packed",         "multicast",
      "routed",       "refused",           "limited",   "storm"};
  return kNames.at(static_cast<std::size_t>(reason));
}

}  // namespace marvel::vpn::n2n
