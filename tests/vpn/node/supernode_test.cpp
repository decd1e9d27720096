#include "vpn/node/supernode.hpp"

#include "vpn/node/certified.hpp"

namespace marvel::vpn {

using namespace sim;

TEST_CASE("members with certificates talk, and strangers do not get in") {
  Certified world(1);
  Machine& a = world.add("a", 1);
  Machine& b = world.add("b", 2);
  Certificate forged;
  forged.name = "c";
  Machine& stranger = world.add("c", 3, forged, make_identity(99).secret);
  world.net.run(seconds(2));
  REQUIRE(a.edge->address() != 0);
  REQUIRE(b.edge->address() != 0);
  CHECK(stranger.edge->address() == 0);
  a.say(b, "hello");
  world.net.run(milliseconds(300));
  a.say(b, "hello");
  world.net.run(seconds(1));
  CHECK_FALSE(b.heard().empty());
  CHECK(world.machine->supernode->counters().dropped(Drop::kNotAdmitted) > 0);
}

TEST_CASE("a revoked member is turned away by super nodes and by members") {
  Certified world(2);
  world.revoked.serials = {5};
  Machine& a = world.add("a", 1);
  Machine& old = world.add("old", 5);
  world.net.run(seconds(3));
  // The super node does not know the list yet; the member does.
  REQUIRE(old.edge->address() != 0);
  for (int time = 0; time < 20; ++time) {
    old.say(a, "let me in");
    world.net.run(milliseconds(200));
  }
  CHECK(a.heard().empty());
  CHECK(a.edge->counters().dropped(Drop::kNotAdmitted) > 0);
}

TEST_CASE("a super node that gets a list of revocations turns its edges away at once") {
  Certified world(20);
  Machine& a = world.add("a", 1);
  world.add("old", 5);
  world.net.run(seconds(2));
  REQUIRE(world.machine->supernode->clients().size() == 2);
  world.revoked.serials = {5};
  world.machine->supernode->set_membership("grn", world.membership());
  CHECK(world.machine->supernode->clients().size() == 1);
  world.net.run(seconds(10));
  REQUIRE(world.machine->supernode->clients().size() == 1);
  CHECK(world.machine->supernode->clients()[0].address == a.edge->address());
  CHECK(world.machine->supernode->counters().dropped(Drop::kNotAdmitted) > 0);
}

TEST_CASE("a community that is removed has no edges, and its edges come back when it does") {
  Certified world(21);
  Machine& a = world.add("a", 1);
  Machine& b = world.add("b", 2);
  world.net.run(seconds(2));
  REQUIRE(world.machine->supernode->clients().size() == 2);
  world.machine->supernode->remove("grn");
  world.net.run(seconds(5));
  CHECK(world.machine->supernode->clients().empty());
  world.machine->supernode->add(world.options(world.membership()));
  world.net.run(seconds(5));
  CHECK(world.machine->supernode->clients().size() == 2);
  a.say(b, "hello");
  world.net.run(seconds(2));
  a.say(b, "hello");
  world.net.run(seconds(1));
  CHECK_FALSE(b.heard().empty());
}

TEST_CASE("a certificate is good for its name and its addresses only") {
  Certified world(3);
  Certificate certificate;
  certificate.name = "other";
  Machine& renamed = world.add("a", 1, certificate, world.authority);
  certificate.name = "b";
  certificate.addresses = {{0x0a080042, 32}};
  Machine& fixed = world.add("b", 2, certificate, world.authority);
  world.net.run(seconds(2));
  CHECK(renamed.edge->address() == 0);
  CHECK(renamed.told.back().find("certificate") != std::string::npos);
  CHECK(fixed.edge->address() == 0x0a080042);
}

TEST_CASE("probes of an edge that is not registered are not answered") {
  Certified world(36);
  Certificate certificate;
  certificate.name = "other";
  Machine& a = world.add("a", 1, certificate, world.authority);
  world.net.run(seconds(2));
  REQUIRE(a.edge->address() == 0);
  int answers = 0;
  const std::size_t size = kHeaderSize + encode(ProbeReply{}).size() + kTagSize;
  world.net.observer = [&](const Endpoint&, const Endpoint& to, Bytes bytes) {
    answers += to == a.inside && bytes.size() == size ? 1 : 0;
  };
  const auto text = encode(Probe{1});
  std::vector<std::uint8_t> datagram(kHeaderSize + text.size() + kTagSize);
  std::copy(text.begin(), text.end(), datagram.begin() + kHeaderSize);
  SealedHeader header;
  header.flags = kFlagControl;
  REQUIRE(a.edge->links()[0]->channel.seal(world.net.now(), header, datagram));
  world.net.inject(a.inside, world.machine->inside, datagram);
  world.net.run(seconds(1));
  CHECK(answers == 0);
}

TEST_CASE("two nodes of one name are told apart, and the second is refused in plain words") {
  World world(4);
  world.add_supernode();
  Machine& a = world.add_edge("same");
  world.net.run(seconds(1));
  Machine& b = world.add_edge("same");
  world.net.run(seconds(1));
  CHECK(a.edge->address() != 0);
  CHECK(b.edge->address() == 0);
  CHECK(b.told.back().find("another node of this name") != std::string::npos);
}

TEST_CASE("five hundred edges register with one super node") {
  World world(5);
  world.subnet = {0x0a080000, 16};
  world.add_supernode();
  for (int edge = 0; edge < 500; ++edge) {
    world.add_edge("edge-" + std::to_string(edge));
  }
  CHECK(world.net.run_until([&] { return world.settled(); }, seconds(30)));
  CHECK(world.supernodes[0]->supernode->clients().size() == 500);
}

TEST_CASE("an edge that falls silent is forgotten after a minute, and its lease is not") {
  World world(6);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  world.net.run(seconds(2));
  const Ipv4 address = a.edge->address();
  a.on = false;
  world.net.run(seconds(70));
  CHECK(supernode.supernode->clients().empty());
  CHECK(world.leases(supernode).entries().size() == 1);
  world.start_edge(a, "a", 1000);
  world.net.run(seconds(2));
  CHECK(a.edge->address() == address);
}

TEST_CASE("a super node answers nothing to noise and never more than it was sent") {
  World world(7);
  Machine& supernode = world.add_supernode();
  world.add_edge("a");
  world.net.run(seconds(2));
  CounterRng rng(7);
  std::size_t sent = 0;
  const Endpoint attacker = Endpoint::from_ipv4(0xcb0071ff, 9);
  std::size_t answered = 0;
  world.net.observer = [&](const Endpoint&, const Endpoint& to, Bytes bytes) {
    answered += to == attacker ? bytes.size() : 0;
  };
  for (int time = 0; time < 2000; ++time) {
    std::vector<std::uint8_t> noise(rng.below(1500));
    for (auto& byte : noise) {
      byte = static_cast<std::uint8_t>(rng.next() >> 32U);
    }
    if (!noise.empty()) {
      noise[0] = static_cast<std::uint8_t>(0x10 + rng.below(6));
    }
    sent += noise.size();
    world.net.inject(attacker, supernode.inside, noise);
  }
  world.net.run(seconds(1));
  CHECK(answered * 10 < sent);
  CHECK(world.settled());
}

TEST_CASE("a refused wish for an address leaves nothing behind") {
  Certified world(30);
  Certificate certificate;
  certificate.name = "thief";
  certificate.addresses = {{0x0a080007, 32}};
  Machine& thief = world.add("thief", 1, certificate, world.authority, 0x0a080032);
  world.net.run(seconds(2));
  CHECK(thief.edge->address() == 0);
  certificate.name = "owner";
  certificate.addresses = {{0x0a080032, 32}};
  Machine& owner = world.add("owner", 2, certificate, world.authority);
  world.net.run(seconds(2));
  CHECK(owner.edge->address() == 0x0a080032);
}

TEST_CASE("a certificate for a network gets an address of it") {
  Certified world(31);
  for (std::uint64_t key = 1; key <= 14; ++key) {
    Certificate certificate;
    certificate.name = "n" + std::to_string(key);
    certificate.addresses = {{0x0a080010, 28}};
    Machine& one = world.add(certificate.name, key, certificate, world.authority);
    world.net.run(seconds(1));
    CHECK(certificate.addresses[0].contains(one.edge->address()));
  }
}

TEST_CASE("a node with a new key gets its certified address once the old key is gone") {
  Certified world(32);
  Certificate certificate;
  certificate.name = "camera";
  certificate.addresses = {{0x0a080014, 32}};
  Machine& old = world.add("camera", 1, certificate, world.authority);
  world.net.run(seconds(1));
  REQUIRE(old.edge->address() == 0x0a080014);
  old.on = false;
  Machine& again = world.add("camera", 2, certificate, world.authority);
  world.net.run(seconds(5));
  CHECK(again.edge->address() == 0);  // the old one counts as connected
  world.net.run(seconds(70));
  CHECK(again.edge->address() == 0x0a080014);
}

TEST_CASE("a member announces only networks that its certificate allows") {
  Certified world(33);
  Certificate certificate;
  certificate.name = "a";
  certificate.prefixes = {{0x0af40100, 24}};
  Machine& honest = world.add("a", 1, certificate, world.authority, 0, {{0x0af40100, 24}});
  certificate.name = "b";
  Machine& greedy = world.add("b", 2, certificate, world.authority, 0, {{0x0af40000, 16}});
  world.net.run(seconds(2));
  CHECK(honest.edge->address() != 0);
  CHECK(greedy.edge->address() == 0);
}

TEST_CASE("one source of handshakes leaves room for others") {
  World world(35);
  Machine& supernode = world.add_supernode();
  std::vector<std::uint8_t> first;
  world.net.observer = [&](const Endpoint&, const Endpoint& to, Bytes bytes) {
    if (to == supernode.inside && bytes[0] == static_cast<std::uint8_t>(DatagramType::kFirst)) {
      first.assign(bytes.begin(), bytes.end());
    }
  };
  world.add_edge("a");
  world.net.run(seconds(1));
  REQUIRE_FALSE(first.empty());
  const auto before = supernode.supernode->counters().dropped(Drop::kReplayed);
  for (int at = 0; at < 190; ++at) {
    world.net.inject(Endpoint::from_ipv4(0x01020304, 1), supernode.inside, first);
  }
  world.net.run(milliseconds(100));
  CHECK(supernode.supernode->counters().dropped(Drop::kReplayed) - before <= 100);
  CHECK(supernode.supernode->counters().dropped(Drop::kLimited) >= 90);
}

TEST_CASE("a node whose new certificate is for another address takes that") {
  Certified world(37);
  Certificate certificate;
  certificate.name = "camera";
  certificate.addresses = {{0x0a080014, 32}};
  Machine& edge = world.add("camera", 1, certificate, world.authority);
  world.net.run(seconds(2));
  REQUIRE(edge.edge->address() == 0x0a080014);
  certificate.addresses = {{0x0a080015, 32}};
  certificate.not_after = kToday / 1'000'000'000U + 1000;
  world.renew(edge, 1, certificate);
  world.net.run(seconds(130));
  CHECK(edge.edge->address() == 0x0a080015);
  REQUIRE(world.machine->supernode->clients().size() == 1);
  CHECK(world.machine->supernode->clients()[0].address == 0x0a080015);
}

TEST_CASE("a node that was not there before a restart takes no address of one that comes back") {
  World world(38);
  world.subnet = {0x0a080000, 30};
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.run(seconds(2));
  const Ipv4 address = a.address();
  REQUIRE((address != 0 && b.address() != 0));
  const std::string leases = world.leases(supernode).text();
  a.on = false;  // it needs some seconds to find its super node again
  b.on = false;
  world.start_supernode(supernode, leases);
  Machine& late = world.add_edge("late");
  world.net.run(seconds(20));
  CHECK(late.address() == 0);
  a.on = true;
  world.net.run(seconds(60));
  CHECK(a.address() == address);
  CHECK(late.address() == b.address());  // which has not come back in a minute
}

}  // namespace marvel::vpn
