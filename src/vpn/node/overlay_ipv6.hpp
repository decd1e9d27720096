#pragma once

#include "vpn/identity/certificate.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/offload/ipv6.hpp"

namespace marvel::vpn {

// IPv6 inside a community needs no leases: a unique local prefix (RFC 4193) follows from the
// community's id, the interface's part is the node's id, which follows from its key.
//   fd, 5 bytes of the community id, 0 0, node id of 8 bytes
// So an address names its owner, and who uses another one's is found out without asking anybody.
inline constexpr unsigned kOverlayIpv6Bits = 64;

Ipv6 overlay_ipv6(const CommunityId& community, const NodeId& node);
// Whose address it is; nothing for one that is not of this community's prefix. Whether there is
// such a node nobody knows here.
std::optional<NodeId> node_of(const CommunityId& community, const Ipv6& address);

}  // namespace marvel::vpn
