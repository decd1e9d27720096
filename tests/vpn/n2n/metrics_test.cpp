#include "vpn/n2n/metrics.hpp"

#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {

TEST_CASE("n2n: metrics of both kinds of nodes are lines of Prometheus") {
  World world(31);
  auto& super = world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "hello", seconds(1)));
  world.net.run(seconds(1));
  const std::string edge = metrics(*a.edge);
  CHECK(edge.find("marvel_vpn_supernodes_registered{community=\"testnet\"} 1\n") !=
        std::string::npos);
  CHECK(edge.find("marvel_vpn_peer_direct{peer=\"" + mac_text(b.mac()) + "\"} 1\n") !=
        std::string::npos);
  CHECK(edge.find("marvel_vpn_frames_sent_total " + std::to_string(a.edge->counters().frames_sent) +
                  "\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_drops_total{reason=\"packed\"} 0\n") != std::string::npos);
  const std::string other = metrics(*super.node);
  CHECK(other.find("marvel_vpn_edges{community=\"testnet\"} 2\n") != std::string::npos);
  CHECK(other.find("marvel_vpn_relayed_total ") != std::string::npos);
}

}  // namespace marvel::vpn::n2n
