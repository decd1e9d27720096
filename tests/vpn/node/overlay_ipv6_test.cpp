#include "vpn/node/overlay_ipv6.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("a node's IPv6 address is unique local, and names the node") {
  const CommunityId community{1, 2, 3, 4, 5, 6};
  const NodeId node{9, 8, 7, 6, 5, 4, 3, 2};
  const Ipv6 address = overlay_ipv6(community, node);
  CHECK(ipv6_text(address) == "fd01:203:405:0:908:706:504:302");
  CHECK(node_of(community, address) == node);
  CHECK_FALSE(node_of({2, 2, 3, 4, 5, 6}, address));
  Ipv6 other = address;
  other[7] = 1;  // another subnet
  CHECK_FALSE(node_of(community, other));
}

}  // namespace marvel::vpn
