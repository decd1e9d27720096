#include "vpn/node/metrics.hpp"

#include "vpn/node/certified.hpp"

namespace marvel::vpn {

TEST_CASE("metrics of both kinds of nodes are lines of Prometheus, and hold no key") {
  sim::World world(301);
  sim::Machine& supernode = world.add_supernode();
  sim::Machine& a = world.add_edge("a");
  sim::Machine& b = world.add_edge("b");
  world.net.run(seconds(2));
  for (int at = 0; at < 10; ++at) {
    a.say(b, "hello");
    world.net.run(milliseconds(300));
  }
  const std::string edge = metrics(*a.edge, world.net.now(), "grn");
  CHECK(edge.find("marvel_vpn_supernodes_registered{community=\"grn\"} 1\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_peer_direct{peer=\"b\"} 1\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_peer_loss_ratio{peer=\"b\"} 0\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_peer_sent_bytes_total{peer=\"b\"} ") != std::string::npos);
  CHECK(edge.find("marvel_vpn_nat{kind=\"open\"} 1\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_nat{kind=\"symmetric\"} 0\n") != std::string::npos);
  CHECK(edge.find("marvel_vpn_bytes_per_second{direction=\"sent\"} ") != std::string::npos);
  CHECK(edge.find("marvel_vpn_supernode_loss_ratio{endpoint=\"198.51.100.1:4194\"} 0\n") !=
        std::string::npos);
  CHECK(edge.find("marvel_vpn_drops_total{reason=\"forged\"} 0\n") != std::string::npos);
  const std::string other = metrics(*supernode.supernode);
  CHECK(other.find("marvel_vpn_edges{community=\"grn\"} 2\n") != std::string::npos);
  for (const auto& text : {edge, other}) {
    CHECK(text.find(hex(a.edge->public_key())) == std::string::npos);
    CHECK(text.back() == '\n');
  }
}

TEST_CASE("the end of a certificate is a metric, where there is one") {
  sim::Certified world(302);
  const sim::Machine& certified = world.add("a", 1);
  const std::string name = "marvel_vpn_certificate_not_after_seconds";
  const std::string end = std::to_string(sim::kToday / 1'000'000'000U + 1000);
  CHECK(metrics(*certified.edge, seconds(1), "grn").find("\n" + name + " " + end + "\n") !=
        std::string::npos);
  sim::World other(303);
  CHECK(metrics(*other.add_edge("b").edge, seconds(1), "grn").find(name) == std::string::npos);
}

}  // namespace marvel::vpn
