#include "vpn/node/node_id.hpp"

#include "vpn/support.hpp"

#include <set>

namespace marvel::vpn {

TEST_CASE("Ethernet addresses of nodes are unicast, locally administered and of one key each") {
  std::set<Mac> macs;
  std::set<NodeId> ids;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const PublicKey key = make_identity(seed).point;
    CHECK((mac_of(key)[0] & 3U) == 2);
    macs.insert(mac_of(key));
    ids.insert(node_id(key));
  }
  CHECK(macs.size() == 500);
  CHECK(ids.size() == 500);
  CHECK(mac_text(Mac{2, 0, 0x1a, 0, 0, 0xff}) == "02:00:1a:00:00:ff");
}

}  // namespace marvel::vpn
