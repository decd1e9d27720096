#include "vpn/node/simulator.hpp"
#include "vpn/wire/beacon.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

// Two edges that have addresses and have never talked, and whose super node is gone.
struct Lonely {
  explicit Lonely(std::uint64_t seed) : world(seed) {
    supernode = &world.add_supernode();
    a = &world.add_edge("a");
    b = &world.add_edge("b");
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
    supernode->on = false;
    world.net.run(seconds(5));
  }
  // All hear the beacons of all.
  void beacons() {
    for (Machine* const from : world.edges) {
      const auto bytes = from->edge->beacon(world.net.now());
      for (Machine* const to : world.edges) {
        to->edge->on_beacon(world.net.now(), bytes);
      }
    }
  }
  bool hears(Machine& from, Machine& to) {
    to.heard();
    for (int at = 0; at < 20 && to.frames.empty(); ++at) {
      from.say(to, "hello");
      world.net.run(milliseconds(100));
    }
    return !to.frames.empty();
  }

  World world;
  Machine* supernode = nullptr;
  Machine* a = nullptr;
  Machine* b = nullptr;
};

PeerInfo info_of(const Machine& machine) {
  return {machine.edge->public_key(), machine.address(),
          machine.edge->name(),       {},
          {machine.inside},           {}};
}

}  // namespace

TEST_CASE("members of one local network find each other while no super node is there") {
  Lonely pair(1200);
  CHECK_FALSE(pair.hears(*pair.a, *pair.b));
  pair.beacons();
  CHECK(pair.hears(*pair.a, *pair.b));
  CHECK(pair.a->direct_to(*pair.b));
  CHECK(pair.hears(*pair.b, *pair.a));
}

TEST_CASE("the first frame to a member that a beacon told of is not lost") {
  Lonely pair(1201);
  pair.beacons();
  pair.a->say(*pair.b, "first");
  pair.world.net.run(seconds(1));
  CHECK(pair.b->heard() == std::vector<std::string>{"first"});
}

TEST_CASE("a beacon gives a relayed session its direct path") {
  World world(1202);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  // The super node sees both under addresses that lead nowhere, and their own are not told.
  a.edge->set_candidates(world.net.now(), {});
  b.edge->set_candidates(world.net.now(), {});
  const Endpoint supernode = world.supernodes[0]->inside;
  bool walled = true;
  world.net.cut = [&](const Endpoint& from, const Endpoint& to) {
    return walled && from != supernode && to != supernode;
  };
  world.net.run(seconds(1));
  for (int at = 0; at < 80; ++at) {
    a.say(b, "hello");
    world.net.run(milliseconds(100));
  }
  CHECK_FALSE(a.direct_to(b));
  walled = false;
  b.edge->set_candidates(world.net.now(), {b.inside});
  a.edge->on_beacon(world.net.now(), b.edge->beacon(world.net.now()));
  world.net.run(seconds(1));
  CHECK(a.direct_to(b));
}

TEST_CASE("frames that wait for a way leave when a super node brings one") {
  World world(1206);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  world.net.cut = [&](const Endpoint& from, const Endpoint& to) {
    return from != supernode.inside && to != supernode.inside;
  };
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  for (int at = 0; at < 5; ++at) {
    a.say(b, "before");
    world.net.run(milliseconds(300));
    b.say(a, "answer");
    world.net.run(milliseconds(300));
  }
  REQUIRE_FALSE(a.heard().empty());
  b.heard();
  a.edge->on_beacon(world.net.now(), b.edge->beacon(world.net.now()));
  supernode.on = false;
  world.net.run(seconds(5));
  a.say(b, "waits");
  world.net.run(seconds(1));
  REQUIRE(b.heard().empty());
  supernode.on = true;
  world.net.run(seconds(8));
  CHECK(b.heard() == std::vector<std::string>{"waits"});
}

TEST_CASE("beacons of strangers, of another day, and changed ones change nothing") {
  Lonely pair(1203);
  SeededRandom random(1);
  Membership right;
  right.community = pair.world.keys.community;
  right.psk = pair.world.keys.member;
  Membership wrong = right;
  wrong.psk = make_identity(77).secret;
  const std::uint64_t today = kToday / 1'000'000'000U;
  const PeerInfo info = info_of(*pair.b);
  pair.a->edge->on_beacon(pair.world.net.now(),
                          seal_beacon(beacon_key(wrong), random, {today, info}));
  pair.a->edge->on_beacon(pair.world.net.now(),
                          seal_beacon(beacon_key(right), random, {today - 3600, info}));
  auto changed = pair.b->edge->beacon(pair.world.net.now());
  changed[100] ^= 1;
  pair.a->edge->on_beacon(pair.world.net.now(), changed);
  CHECK(pair.a->edge->peers().empty());
  pair.a->edge->on_beacon(pair.world.net.now(),
                          seal_beacon(beacon_key(right), random, {today, info}));
  CHECK(pair.a->edge->peers().size() == 1);
}

TEST_CASE("a member cannot take another one's address by a beacon") {
  Lonely pair(1204);
  pair.beacons();
  REQUIRE(pair.hears(*pair.a, *pair.b));
  SeededRandom random(1);
  Membership member;
  member.community = pair.world.keys.community;
  member.psk = pair.world.keys.member;
  const std::uint64_t today = kToday / 1'000'000'000U;
  for (const Ipv4 wanted : {pair.b->address(), pair.a->address(), Ipv4{0x08080808}, Ipv4{0}}) {
    PeerInfo lie{make_identity(4711).point, wanted, "liar", {}, {pair.b->inside}, {}};
    pair.a->edge->on_beacon(pair.world.net.now(),
                            seal_beacon(beacon_key(member), random, {today, lie}));
    const auto& peers = pair.a->edge->peers();
    const auto found = peers.find(lie.key);
    REQUIRE(found != peers.end());
    CHECK(found->second->address == 0);
  }
  CHECK(pair.a->peer(*pair.b)->address == pair.b->address());
  CHECK(pair.hears(*pair.a, *pair.b));
}

TEST_CASE("while a super node is there, it says whose an address is and a beacon does not") {
  World world(1205);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  SeededRandom random(1);
  Membership member;
  member.community = world.keys.community;
  member.psk = world.keys.member;
  PeerInfo lie = info_of(b);
  lie.address = 0x0a0800c8;
  a.edge->on_beacon(world.net.now(),
                    seal_beacon(beacon_key(member), random, {kToday / 1'000'000'000U, lie}));
  world.net.run(seconds(1));
  REQUIRE(a.peer(b) != nullptr);
  CHECK(a.peer(b)->address == b.address());
}

}  // namespace marvel::vpn
