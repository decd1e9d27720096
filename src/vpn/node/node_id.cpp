#include "vpn/node/node_id.hpp"

#include <algorithm>

namespace marvel::vpn {

NodeId node_id(const PublicKey& key) {
  NodeId id{};
  const auto digest = blake2b_128({bytes_of("marvel vpn node"), key});
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

Mac mac_of(const PublicKey& key) {
  Mac mac{};
  const auto digest = blake2b_128({bytes_of("marvel vpn mac address"), key});
  std::copy_n(digest.begin(), mac.size(), mac.begin());
  mac[0] = static_cast<std::uint8_t>((mac[0] & 0xfcU) | 0x02U);
  return mac;
}

std::string mac_text(const Mac& mac) {
  std::string text;
  for (const std::uint8_t byte : mac) {
    text += (text.empty() ? "" : ":") + hex({&byte, 1});
  }
  return text;
}

}  // namespace marvel::vpn
