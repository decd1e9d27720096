#include "vpn/node/overlay_ipv6.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kUniqueLocal = 0xfd;
constexpr std::size_t kGlobalId = 5;
constexpr std::size_t kInterface = 8;  // offset

}  // namespace

Ipv6 overlay_ipv6(const CommunityId& community, const NodeId& node) {
  Ipv6 address{};
  address[0] = kUniqueLocal;
  std::copy_n(community.begin(), kGlobalId, address.begin() + 1);
  std::copy(node.begin(), node.end(), address.begin() + kInterface);
  return address;
}

std::optional<NodeId> node_of(const CommunityId& community, const Ipv6& address) {
  NodeId node{};
  std::copy_n(address.begin() + kInterface, node.size(), node.begin());
  return overlay_ipv6(community, node) == address ? std::optional(node) : std::nullopt;
}

}  // namespace marvel::vpn
