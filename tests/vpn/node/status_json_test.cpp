#include "vpn/node/status_json.hpp"

#include "config/json.hpp"
#include "vpn/node/simulator.hpp"

namespace marvel::vpn {

using namespace sim;

TEST_CASE("the status of both kinds of nodes is JSON, and holds no secret") {
  World world(1);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.run(seconds(1));
  for (int time = 0; time < 10; ++time) {
    a.say(b, "x");
    world.net.run(milliseconds(200));
  }
  const std::string edge = status_json(*a.edge, world.net.now(), "grn", "vpn0");
  const std::string other = status_json(*supernode.supernode);
  const auto edge_lines = plain_from_json(edge);
  const auto other_lines = plain_from_json(other);
  REQUIRE((edge_lines && other_lines));
  CHECK(edge_lines->find("peers.0.path\tdirect\n") != std::string::npos);
  CHECK(edge_lines->find("supernodes.0.registered\ttrue\n") != std::string::npos);
  CHECK(other_lines->find("edges.0.name\t") != std::string::npos);
  for (const Secret& secret :
       {world.keys.member, world.keys.supernode, make_identity(1000).secret}) {
    CHECK(edge.find(hex(secret.bytes)) == std::string::npos);
    CHECK(other.find(hex(secret.bytes)) == std::string::npos);
  }
}

}  // namespace marvel::vpn
