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
  const std::string other = status_json(*supernode.supernode, 2);
  const auto edge_lines = plain_from_json(edge);
  const auto other_lines = plain_from_json(other);
  REQUIRE((edge_lines && other_lines));
  CHECK(edge_lines->find("peers.0.path\tdirect\n") != std::string::npos);
  CHECK(edge_lines->find("supernodes.0.registered\ttrue\n") != std::string::npos);
  CHECK(other_lines->find("edges.0.name\t") != std::string::npos);
  CHECK(edge_lines->find("threads\t1\n") != std::string::npos);
  CHECK(other_lines->find("threads\t2\n") != std::string::npos);
  for (const Secret& secret :
       {world.keys.member, world.keys.supernode, make_identity(1000).secret}) {
    CHECK(edge.find(hex(secret.bytes)) == std::string::npos);
    CHECK(other.find(hex(secret.bytes)) == std::string::npos);
  }
}

TEST_CASE("an edge tells how much flows, and what share of its probes is lost") {
  World world(2);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.wire.loss = 0.1;  // each way, so 19 % of the probes stay unanswered
  for (int time = 0; time < 600; ++time) {
    a.say(b, "0123456789");
    world.net.run(milliseconds(100));
  }
  REQUIRE(a.direct_to(b));
  const auto value = [&](const std::string& key) {
    const auto lines = plain_from_json(status_json(*a.edge, world.net.now(), "grn", "vpn0"));
    REQUIRE(lines);
    const auto at = lines->find("\n" + key + "\t");
    REQUIRE(at != std::string::npos);
    return std::stod(lines->substr(at + key.size() + 2));
  };
  const double frame = 14 + 20 + 10;
  CHECK(value("peers.0.per_second.sent_frames") == doctest::Approx(10).epsilon(0.15));
  CHECK(value("peers.0.per_second.sent_bytes") == doctest::Approx(10 * frame).epsilon(0.15));
  CHECK(value("per_second.sent_bytes") == doctest::Approx(10 * frame).epsilon(0.15));
  CHECK(value("peers.0.bytes_sent") == value("bytes_sent"));
  CHECK(value("peers.0.loss") > 0.08);
  CHECK(value("peers.0.loss") < 0.35);
  CHECK(value("supernodes.0.loss") > 0.03);
  CHECK(value("supernodes.0.loss") < 0.4);
  world.net.wire.loss = 0;
  for (int time = 0; time < 1200; ++time) {
    a.say(b, "0123456789");
    world.net.run(milliseconds(100));
  }
  CHECK(value("peers.0.loss") == 0);
  CHECK(value("supernodes.0.loss") == 0);
}

}  // namespace marvel::vpn
