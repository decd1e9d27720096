#include "vpn/node/simulator.hpp"
#include "vpn/node/supernode.hpp"

namespace marvel::vpn {

using namespace sim;

TEST_CASE("repeated relayed datagrams keep nobody registered, and an old session relays nothing") {
  World world(34);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a", NatKind::kSymmetric);
  Machine& b = world.add_edge("b", NatKind::kSymmetric);
  std::vector<std::uint8_t> envelope;
  Endpoint source;
  world.net.observer = [&](const Endpoint& from, const Endpoint& to, Bytes bytes) {
    if (to == supernode.inside && bytes[0] == static_cast<std::uint8_t>(DatagramType::kRelay)) {
      envelope.assign(bytes.begin(), bytes.end());
      source = from;
    }
  };
  world.net.run(seconds(2));
  for (int at = 0; at < 10; ++at) {
    a.say(b, "hello");
    world.net.run(milliseconds(200));
  }
  REQUIRE_FALSE(envelope.empty());
  a.on = false;
  b.on = false;
  world.net.observer = {};
  for (int at = 0; at < 8; ++at) {
    world.net.run(seconds(30));
    world.net.inject(source, supernode.inside, envelope);
  }
  CHECK(supernode.supernode->clients().empty());
}

TEST_CASE("a limited relay tells a node of one community from itself in another") {
  World world(37);
  world.limits.relay = 1e6;
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a", NatKind::kSymmetric);
  Machine& b = world.add_edge("b", NatKind::kSymmetric);
  const auto keys = passphrase_keys("another passphrase", "lab");
  REQUIRE(keys);
  Supernode::CommunityOptions lab;
  lab.name = "lab";
  lab.subnet = {0x0a090000, 24};
  lab.identity = KeyPairX::from(supernode_identity(keys->supernode));
  lab.membership.community = keys->community;
  lab.membership.psk = supernode_psk(keys->supernode);
  supernode.supernode->add(lab);
  // The same two keys in the other community.
  world.adjust = [&](EdgeOptions& options) {
    options.peers.community = options.supernodes.community = keys->community;
    options.peers.psk = keys->member;
    options.supernodes.psk = lab.membership.psk;
    options.list[0].key = lab.identity.point;
  };
  std::vector<Machine*> twins;
  for (const std::string name : {"a", "b"}) {
    Machine& twin = world.add_edge(name, NatKind::kSymmetric);
    world.start_edge(twin, name, twins.empty() ? 1000 : 1001);
    twins.push_back(&twin);
  }
  REQUIRE(twins[0]->edge->public_key() == a.edge->public_key());
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(5)));
  for (int at = 0; at < 10; ++at) {
    a.say(b, "grn");
    twins[0]->say(*twins[1], "lab");
    world.net.run(milliseconds(100));
  }
  const auto in_grn = b.heard();
  const auto in_lab = twins[1]->heard();
  REQUIRE_FALSE((in_grn.empty() || in_lab.empty()));
  CHECK(in_grn.back() == "grn");
  CHECK(in_lab.back() == "lab");
}

TEST_CASE("a limited relay keeps to its limit, and to that of one edge") {
  for (const bool one_edge : {false, true}) {
    World world(36);
    (one_edge ? world.limits.edge_relay : world.limits.relay) = 100'000;
    world.add_supernode();
    Machine& a = world.add_edge("a", NatKind::kSymmetric);
    Machine& b = world.add_edge("b", NatKind::kSymmetric);
    REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(5)));
    const Time began = world.net.now();
    for (int at = 0; at < 1000; ++at) {
      a.say(b, std::string(1000, 'x'));
      world.net.run(milliseconds(2));
    }
    world.net.run(seconds(5));
    const std::size_t bytes = b.heard().size() * 1000;
    CHECK(bytes > 150'000);
    const std::chrono::duration<double> span = world.net.now() - began;
    CHECK(static_cast<double>(bytes) < 65536 + 100'000 * span.count());
  }
}

}  // namespace marvel::vpn
