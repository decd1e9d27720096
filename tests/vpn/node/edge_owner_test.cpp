// Whose an address is for an edge: when its owner has changed, in networks that overlap, and with
// certificates.
#include "vpn/node/certified.hpp"
#include "vpn/wire/beacon.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

using namespace sim;

constexpr Ipv4 kInNetwork = 0x0af40105;  // 10.244.1.5
constexpr Subnet kWide{0x0af40000, 16};
constexpr Subnet kNarrow{0x0af40100, 24};

void ask_who_has(Net& net, Machine& from, Ipv4 target) {
  from.arp.erase(target);
  auto request = arp_reply({Mac{}, target, from.address()}, from.edge->mac());
  request[kEthernet + 7] = 1;
  from.edge->frame(net.now(), request, {});
  net.run(seconds(1));
}

bool is_answered_with(const Machine& asker, Ipv4 target, const Machine& owner) {
  const auto found = asker.arp.find(target);
  return found != asker.arp.end() && found->second == owner.edge->mac();
}

// Often enough for a handshake and a question; whether any came.
bool is_heard(Net& net, Machine& from, Machine& to) {
  to.heard();
  for (int at = 0; at < 5; ++at) {
    from.arp.erase(to.address());
    from.say(to, "hello");
    net.run(seconds(1));
  }
  return !to.heard().empty();
}

void send_text(Net& net, Machine& from, const Mac& to, Ipv4 destination, Ipv4 source) {
  from.edge->frame(net.now(), text_frame(to, from.edge->mac(), destination, source, "text"), {});
  net.run(seconds(1));
}

// A gateway to all pods, and a node that has some of them.
struct Overlapping {
  explicit Overlapping(std::uint64_t seed) : world(seed) {
    world.adjust = [](EdgeOptions& options) {
      options.accepted = {kWide};
      if (options.name != "a") {
        options.announced = {options.name == "gateway" ? kWide : kNarrow};
      }
    };
    world.add_supernode();
    a = &world.add_edge("a");
    gateway = &world.add_edge("gateway");
    node = &world.add_edge("node");
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
  }

  World world;
  Machine* a = nullptr;
  Machine* gateway = nullptr;
  Machine* node = nullptr;
};

}  // namespace

TEST_CASE("a node that comes back with a new key and its old address is reached") {
  World world(1700);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.run(seconds(2));
  const Ipv4 address = b.address();
  REQUIRE(world.leases(supernode).reserve({{"b", address}}));
  REQUIRE(is_heard(world.net, a, b));
  b.edge->leave(world.net.now());
  b.on = false;
  world.net.run(seconds(1));
  world.start_edge(b, "b", 77);
  world.net.run(seconds(5));
  REQUIRE(b.address() == address);
  CHECK(is_heard(world.net, a, b));
}

TEST_CASE("of networks that overlap the narrowest leads, whichever was known before") {
  for (const bool gateway_is_known : {false, true}) {
    CAPTURE(gateway_is_known);
    Overlapping net(1701);
    if (gateway_is_known) {
      REQUIRE(is_heard(net.world.net, *net.a, *net.gateway));
    }
    ask_who_has(net.world.net, *net.a, kInNetwork);
    CHECK(is_answered_with(*net.a, kInNetwork, *net.node));
    REQUIRE(is_heard(net.world.net, *net.a, *net.gateway));
    ask_who_has(net.world.net, *net.a, kInNetwork);
    CHECK(is_answered_with(*net.a, kInNetwork, *net.node));
    ask_who_has(net.world.net, *net.a, 0x0af40205);
    CHECK(is_answered_with(*net.a, 0x0af40205, *net.gateway));
  }
}

TEST_CASE("a super node that gives a member another one's network brings it no frame") {
  for (const bool is_certified : {true, false}) {
    CAPTURE(is_certified);
    Certified world(1702, true);
    Machine& a = world.add("a", 1);
    Certificate certificate;
    certificate.name = "member";
    if (is_certified) {
      certificate.prefixes = {kWide};
    }
    Machine& member = world.add("member", 2, certificate, world.authority, 0, {kNarrow});
    world.net.run(seconds(2));
    EdgeSettings settings;
    settings.list = {{world.machine->inside, world.identity.point}};
    settings.accepted = {kWide};
    a.edge->change(world.net.now(), settings);
    ask_who_has(world.net, a, kInNetwork);
    REQUIRE(is_answered_with(a, kInNetwork, member));  // the super node lies
    send_text(world.net, a, member.edge->mac(), kInNetwork, a.address());
    CHECK(member.heard().size() == (is_certified ? 1 : 0));
    CHECK(a.edge->counters().dropped(Drop::kSpoofed) == (is_certified ? 0 : 1));
  }
}

TEST_CASE("with certificates a member gets no frame for another one's address, whatever ARP says") {
  Certified world(1703);
  Machine& a = world.add("a", 1);
  Machine& member = world.add("member", 2);
  world.net.run(seconds(2));
  REQUIRE(is_heard(world.net, a, member));
  const auto sent = a.edge->counters().frames_sent;
  send_text(world.net, a, member.edge->mac(), 0x0a080042, a.address());
  CHECK(a.edge->counters().frames_sent == sent);
  CHECK(a.edge->counters().dropped(Drop::kSpoofed) == 1);
}

TEST_CASE("a member whose networks cover the community's speaks from no other's address") {
  World world(1704);
  world.adjust = [](EdgeOptions& options) { options.accepted = {{0x0a000000, 8}}; };
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& member = world.add_edge("member");
  Machine& victim = world.add_edge("victim");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  supernode.on = false;
  world.net.run(seconds(5));
  PeerInfo info{member.edge->public_key(), member.address(), "member", {}, {member.inside}, {}};
  info.prefixes = {{0x0a000000, 8}};
  Membership own;
  own.community = world.keys.community;
  own.psk = world.keys.member;
  SeededRandom random(1);
  a.edge->on_beacon(world.net.now(),
                    seal_beacon(beacon_key(own), random, {kToday / 1'000'000'000U, info}));
  member.edge->on_beacon(world.net.now(), a.edge->beacon(world.net.now()));
  REQUIRE(is_heard(world.net, a, member));
  send_text(world.net, member, a.edge->mac(), a.address(), victim.address());
  CHECK(a.heard().empty());
  send_text(world.net, member, a.edge->mac(), a.address(), kInNetwork);
  CHECK(a.heard().size() == 1);
}

TEST_CASE("a member that announces a part of the community's network is refused in plain words") {
  for (const Subnet network : {Subnet{0x0a080000, 24}, {0x0a080040, 26}, {0x0a080007, 32}}) {
    World world(1705);
    world.adjust = [network](EdgeOptions& options) { options.announced = {network}; };
    world.add_supernode();
    Machine& a = world.add_edge("a");
    world.net.run(seconds(2));
    CHECK(a.address() == 0);
    CHECK(a.told.back().find("inside the community's") != std::string::npos);
  }
}

TEST_CASE("a member may announce a network around the community's") {
  World world(1706);
  world.adjust = [](EdgeOptions& options) { options.announced = {{0x0a000000, 8}}; };
  world.add_supernode();
  Machine& a = world.add_edge("a");
  world.net.run(seconds(2));
  CHECK(a.address() != 0);
}

TEST_CASE("a node gets the address that is reserved for it when it registers next") {
  World world(1707);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.run(seconds(2));
  REQUIRE(a.address() != 0x0a080014);
  REQUIRE(world.leases(supernode).reserve({{"a", 0x0a080014}}));
  world.net.run(seconds(130));  // its session is followed by another one
  CHECK(a.address() == 0x0a080014);
  CHECK(is_heard(world.net, b, a));
}

TEST_CASE("a node with a fixed address is told that another one is reserved for it") {
  World world(1708);
  Machine& supernode = world.add_supernode();
  REQUIRE(world.leases(supernode).reserve({{"a", 0x0a080014}}));
  world.adjust = [](EdgeOptions& options) { options.wanted = 0x0a080009; };
  Machine& a = world.add_edge("a");
  world.net.run(seconds(5));
  CHECK(a.address() == 0);
  CHECK(a.told.back().find("another one is reserved for this node") != std::string::npos);
}

}  // namespace marvel::vpn
