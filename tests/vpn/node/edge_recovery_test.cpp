// What an edge does when super nodes are far, lie, change or vanish.
#include "vpn/node/edge.hpp"
#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

struct Two {
  explicit Two(std::uint64_t seed, int supernodes = 1, NatKind nat = NatKind::kSymmetric)
      : world(seed) {
    for (int at = 0; at < supernodes; ++at) {
      world.add_supernode();
    }
    a = &world.add_edge("a", nat);
    b = &world.add_edge("b", nat);
  }
  bool settle(Duration limit = seconds(10)) {
    return world.net.run_until([this] { return world.settled(); }, limit);
  }
  // Says something each 200 ms until it is heard; whether that is within `limit`.
  bool reaches(Machine& from, Machine& to, Duration limit) {
    to.heard();
    const Time end = world.net.now() + limit;
    while (world.net.now() < end) {
      from.say(to, "hello");
      world.net.run(milliseconds(200));
      if (!to.heard().empty()) {
        return true;
      }
    }
    return false;
  }
  [[nodiscard]] static std::size_t times_told(const Machine& machine, const std::string& part) {
    return static_cast<std::size_t>(std::count_if(
        machine.told.begin(), machine.told.end(),
        [&part](const std::string& one) { return one.find(part) != std::string::npos; }));
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
};

}  // namespace

TEST_CASE("a super node that is half a second away is kept") {
  Two pair(201);
  pair.world.net.wire.shortest = milliseconds(250);
  pair.world.net.wire.longest = milliseconds(260);
  REQUIRE(pair.settle());
  for (int at = 0; at < 600; ++at) {
    pair.world.net.run(milliseconds(100));
    REQUIRE(pair.a->edge->links()[0]->registered);
  }
  CHECK(Two::times_told(*pair.a, "does not answer") == 0);
  CHECK(pair.a->edge->links()[0]->channel.handshakes() <= 2);
}

TEST_CASE("a copy of a super node's answer from elsewhere moves nothing") {
  Two pair(202);
  bool copied = false;
  const Endpoint stranger = Endpoint::from_ipv4(0xc6336463, 999);
  pair.world.net.observer = [&](const Endpoint& from, const Endpoint& /*to*/, Bytes bytes) {
    if (!copied && bytes[0] == static_cast<std::uint8_t>(DatagramType::kSecond) &&
        from != stranger) {
      copied = true;
      std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
      pair.a->edge->datagram(pair.world.net.now(), stranger, copy);
    }
  };
  REQUIRE(pair.settle());
  CHECK(copied);
  CHECK(pair.a->edge->links()[0]->endpoint == pair.world.supernodes[0]->inside);
}

TEST_CASE("an edge whose address is no longer to be had takes another one") {
  Two pair(203);
  REQUIRE(pair.settle());
  const Ipv4 before = pair.a->address();
  pair.world.subnet = {0x0a090000, 24};
  pair.world.start_supernode(*pair.world.supernodes[0]);
  CHECK(pair.world.net.run_until([&] { return pair.world.subnet.contains(pair.a->address()); },
                                 seconds(6)));
  CHECK(pair.a->address() != before);
  CHECK(pair.reaches(*pair.a, *pair.b, seconds(5)));
}

TEST_CASE("an edge with a fixed address waits for it") {
  World world(204);
  world.adjust = [](EdgeOptions& options) { options.wanted = 0x0a080009; };
  world.add_supernode();
  Machine& first = world.add_edge("first");
  world.net.run(seconds(2));
  Machine& second = world.add_edge("second");
  world.net.run(seconds(5));
  CHECK(first.address() == 0x0a080009);
  CHECK(second.address() == 0);
}

TEST_CASE("an edge that lost a super node is answered over the one that it has") {
  Two pair(205, 2);
  REQUIRE(pair.settle());
  REQUIRE(pair.reaches(*pair.a, *pair.b, seconds(5)));
  // Only a loses it: b and the super node itself see nothing.
  const Endpoint lost = pair.world.supernodes[0]->inside;
  pair.world.net.cut = [&](const Endpoint& from, const Endpoint& to) {
    const Endpoint a_out = Endpoint::from_ipv4(pair.a->nat->outside(), 0);
    return (from == lost && to.address == a_out.address) ||
           (to == lost && from.address == a_out.address);
  };
  pair.world.net.run(milliseconds(100));
  CHECK(pair.reaches(*pair.a, *pair.b, seconds(5)));
  CHECK(pair.reaches(*pair.b, *pair.a, seconds(5)));
}

TEST_CASE("who a peer is is asked until it is known") {
  Two pair(206, 1, NatKind::kNone);
  REQUIRE(pair.settle());
  int lost = 0;
  const Endpoint supernode = pair.world.supernodes[0]->inside;
  // b hears nothing of the super node but its probes' answers for two seconds.
  pair.world.net.cut_large = [&](const Endpoint& from, const Endpoint& to, std::size_t size) {
    const bool info =
        from == supernode && to == pair.b->inside && size > 80 && pair.world.net.now() < seconds(5);
    lost += info ? 1 : 0;
    return info && lost <= 3;
  };
  CHECK(pair.reaches(*pair.a, *pair.b, seconds(8)));
}

TEST_CASE("two super nodes that disagree are told of once") {
  World world(207);
  world.add_supernode();
  world.subnet = {0x0a090000, 16};
  world.add_supernode();
  Machine& edge = world.add_edge("a");
  world.net.run(seconds(10));
  CHECK(edge.address() != 0);
  CHECK(Two::times_told(edge, "leases another address") <= 1);
}

TEST_CASE("an edge whose clock went back is heard again soon") {
  Two pair(208);
  REQUIRE(pair.settle());
  REQUIRE(pair.reaches(*pair.a, *pair.b, seconds(5)));
  pair.world.net.run(seconds(250));
  pair.world.adjust = [](EdgeOptions& options) { options.unix_ns_at_zero -= 3'600'000'000'000U; };
  pair.a->edge->leave(pair.world.net.now());
  pair.world.net.run(seconds(1));
  pair.world.start_edge(*pair.a, "a", 1000);
  REQUIRE(pair.settle(seconds(90)));
  CHECK(pair.reaches(*pair.a, *pair.b, seconds(90)));
}

TEST_CASE("an edge that rekeys just when its super node restarts registers with it again") {
  Two pair(210);
  REQUIRE(pair.settle());
  pair.world.net.run(seconds(2));
  Machine& supernode = *pair.world.supernodes[0];
  const Time made = pair.a->edge->links()[0]->channel.current()->facts().created;
  pair.world.net.run(made + kRekeyAfter - milliseconds(60) - pair.world.net.now());
  pair.world.start_supernode(supernode, pair.world.leases(supernode).text());
  pair.world.net.run(seconds(5));
  CHECK(supernode.supernode->clients().size() == 2);
  CHECK(pair.reaches(*pair.b, *pair.a, seconds(5)));
}

TEST_CASE("an edge whose machine slept until its super node forgot it registers again") {
  Two pair(211);
  REQUIRE(pair.settle());
  const Link& link = *pair.a->edge->links()[0];
  const Time made = link.channel.current()->facts().created;
  pair.world.net.run(made + seconds(65) - pair.world.net.now());
  REQUIRE(pair.world.net.run_until([&] { return !link.unanswered; }, seconds(2)));
  pair.a->on = false;
  pair.world.net.run(seconds(70));
  pair.a->on = true;
  pair.world.net.run(seconds(5));
  CHECK(pair.world.supernodes[0]->supernode->clients().size() == 2);
  CHECK(pair.reaches(*pair.b, *pair.a, seconds(5)));
}

TEST_CASE("an edge counts as registered while it registers again, whoever made it do so") {
  Two pair(209);
  REQUIRE(pair.settle());
  REQUIRE(pair.reaches(*pair.a, *pair.b, seconds(5)));
  const Link& link = *pair.a->edge->links()[0];
  const auto handshakes = link.channel.handshakes();
  int unregistered = 0;
  for (int ms = 0; ms < 10'000; ms += 5) {
    Block<kUnknownSize> forged{static_cast<std::uint8_t>(DatagramType::kUnknown)};
    store_le(forged.data() + 4, link.channel.current()->facts().remote);
    pair.a->edge->datagram(pair.world.net.now(), link.endpoint, forged);
    pair.world.net.run(milliseconds(5));
    unregistered += link.registered ? 0 : 1;
  }
  CHECK(link.channel.handshakes() > handshakes + 5);
  CHECK(unregistered == 0);
  CHECK_FALSE(link.renewing);
}

}  // namespace marvel::vpn
