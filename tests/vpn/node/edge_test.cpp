#include "vpn/node/edge.hpp"

#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

struct Pair {
  explicit Pair(std::uint64_t seed, NatKind a_nat = NatKind::kNone, NatKind b_nat = NatKind::kNone,
                int supernodes = 1)
      : world(seed) {
    for (int at = 0; at < supernodes; ++at) {
      world.add_supernode();
    }
    a = &world.add_edge("a", a_nat);
    b = &world.add_edge("b", b_nat);
  }

  bool settle() {
    return world.net.run_until([this] { return world.settled(); }, seconds(10));
  }
  // Says `text` each 100 ms until it comes through; how long that took.
  std::optional<Duration> until_heard(Machine& from, Machine& to, Duration limit) {
    const Time began = world.net.now();
    to.heard();
    while (world.net.now() - began < limit) {
      from.say(to, "hello");
      if (world.net.run_until([&to] { return !to.frames.empty(); }, milliseconds(100))) {
        return world.net.now() - began;
      }
    }
    return std::nullopt;
  }
  void talk(Duration span) {
    const Time end = world.net.now() + span;
    while (world.net.now() < end) {
      a->say(*b, "ping");
      b->say(*a, "pong");
      world.net.run(milliseconds(100));
    }
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
};

bool punchable(NatKind a, NatKind b) {
  const auto hard = [](NatKind one, NatKind other) {
    return one == NatKind::kSymmetric &&
           (other == NatKind::kSymmetric || other == NatKind::kPortRestricted);
  };
  return !hard(a, b) && !hard(b, a);
}

}  // namespace

TEST_CASE("two edges get addresses and hear each other") {
  Pair pair(1);
  REQUIRE(pair.settle());
  CHECK(pair.a->address() != pair.b->address());
  CHECK(pair.world.subnet.is_host(pair.a->address()));
  REQUIRE(pair.until_heard(*pair.a, *pair.b, seconds(2)));
  CHECK(pair.b->heard().front() == "hello");
  REQUIRE(pair.until_heard(*pair.b, *pair.a, seconds(2)));
}

TEST_CASE("the first frame arrives over the relay, and a direct path follows within two seconds") {
  Pair pair(2, NatKind::kPortRestricted, NatKind::kPortRestricted);
  REQUIRE(pair.settle());
  const auto first = pair.until_heard(*pair.a, *pair.b, seconds(2));
  REQUIRE(first);
  CHECK(*first < milliseconds(500));
  pair.talk(seconds(2));
  CHECK(pair.a->direct_to(*pair.b));
  CHECK(pair.b->direct_to(*pair.a));
  CHECK(pair.world.supernodes[0]->supernode->counters().relayed > 0);
}

TEST_CASE("every pair of NATs talks, directly where that can be") {
  const std::array<NatKind, 5> kinds{NatKind::kNone, NatKind::kFullCone, NatKind::kRestricted,
                                     NatKind::kPortRestricted, NatKind::kSymmetric};
  for (const NatKind a : kinds) {
    for (const NatKind b : kinds) {
      CAPTURE(nat_name(a));
      CAPTURE(nat_name(b));
      Pair pair(10, a, b);
      REQUIRE(pair.settle());
      REQUIRE(pair.until_heard(*pair.a, *pair.b, seconds(2)));
      pair.talk(seconds(3));
      CHECK(pair.a->direct_to(*pair.b) == punchable(a, b));
      CHECK(pair.b->direct_to(*pair.a) == punchable(a, b));
    }
  }
}

TEST_CASE("when the NAT of one side gets another address, frames flow again within two seconds") {
  Pair pair(3, NatKind::kPortRestricted, NatKind::kPortRestricted);
  REQUIRE(pair.settle());
  pair.talk(seconds(4));
  REQUIRE(pair.a->direct_to(*pair.b));
  pair.a->nat->renumber(0xcb0071c8);
  pair.world.net.run(milliseconds(30));  // what was under way
  const auto outage = pair.until_heard(*pair.a, *pair.b, seconds(5));
  REQUIRE(outage);
  CHECK(*outage < seconds(2));
  pair.talk(seconds(4));
  CHECK(pair.a->direct_to(*pair.b));
}

TEST_CASE("a super node that was restarted is registered with again within three seconds") {
  Pair pair(4, NatKind::kSymmetric, NatKind::kSymmetric);
  REQUIRE(pair.settle());
  pair.talk(seconds(2));
  const Ipv4 before = pair.a->address();
  Machine& supernode = *pair.world.supernodes[0];
  const std::string leases = pair.world.leases(supernode).text();
  supernode.on = false;
  pair.talk(seconds(1));
  pair.world.start_supernode(supernode, leases);
  const auto outage = pair.until_heard(*pair.a, *pair.b, seconds(6));
  REQUIRE(outage);
  CHECK(*outage < seconds(2));
  CHECK(pair.a->address() == before);
}

TEST_CASE("who says in a super node's name that it does not know an edge stops nothing") {
  Pair pair(18, NatKind::kSymmetric, NatKind::kSymmetric);
  REQUIRE(pair.settle());
  pair.talk(seconds(2));
  pair.b->heard();
  const Link& link = *pair.a->edge->links()[0];
  int said = 0;
  for (; said < 50; ++said) {
    Block<kUnknownSize> forged{static_cast<std::uint8_t>(DatagramType::kUnknown)};
    store_le(forged.data() + 4, link.channel.current()->facts().remote);
    auto bytes = forged;
    pair.a->edge->datagram(pair.world.net.now(), link.endpoint, bytes);
    pair.a->say(*pair.b, "text");
    pair.world.net.run(milliseconds(100));
  }
  CHECK(pair.b->heard().size() + 5 >= static_cast<std::size_t>(said));
}

TEST_CASE("relayed frames move to the other super node within five seconds") {
  Pair pair(5, NatKind::kSymmetric, NatKind::kSymmetric, 2);
  REQUIRE(pair.settle());
  pair.talk(seconds(3));
  pair.world.supernodes[0]->on = false;
  const auto outage = pair.until_heard(*pair.a, *pair.b, seconds(10));
  REQUIRE(outage);
  CHECK(*outage < seconds(5));
}

TEST_CASE("a direct path needs no super node") {
  Pair pair(6, NatKind::kPortRestricted, NatKind::kRestricted);
  REQUIRE(pair.settle());
  pair.talk(seconds(3));
  pair.world.supernodes[0]->on = false;
  pair.talk(seconds(10));
  pair.b->heard();
  REQUIRE(pair.until_heard(*pair.a, *pair.b, milliseconds(200)));
}

TEST_CASE("an edge that was restarted is heard again at once, and hears") {
  Pair pair(7, NatKind::kPortRestricted, NatKind::kNone);
  REQUIRE(pair.settle());
  pair.talk(seconds(3));
  pair.world.start_edge(*pair.b, "b", 1001);  // the same key
  const auto outage = pair.until_heard(*pair.a, *pair.b, seconds(8));
  REQUIRE(outage);
  CHECK(*outage < seconds(5));
  REQUIRE(pair.until_heard(*pair.b, *pair.a, seconds(2)));
}

TEST_CASE("keys change every two minutes and no frame is lost") {
  Pair pair(8);
  REQUIRE(pair.settle());
  REQUIRE(pair.until_heard(*pair.a, *pair.b, seconds(2)));
  REQUIRE(pair.until_heard(*pair.b, *pair.a, seconds(2)));
  pair.a->heard();
  pair.b->heard();
  const auto handshakes = pair.a->peer(*pair.b)->channel.handshakes();
  int said = 0;
  const Time end = pair.world.net.now() + seconds(400);
  while (pair.world.net.now() < end) {
    pair.a->say(*pair.b, std::to_string(said++));
    pair.world.net.run(milliseconds(500));
  }
  CHECK(pair.b->heard().size() == static_cast<std::size_t>(said));
  CHECK(pair.a->peer(*pair.b)->channel.handshakes() >= handshakes + 2);
}

TEST_CASE("a packet that is sent again by somebody else is delivered once") {
  Pair pair(9);
  REQUIRE(pair.settle());
  pair.talk(seconds(2));
  std::vector<std::tuple<Endpoint, Endpoint, std::vector<std::uint8_t>>> captured;
  pair.world.net.observer = [&](const Endpoint& from, const Endpoint& to, Bytes bytes) {
    captured.emplace_back(from, to, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  };
  pair.b->heard();
  pair.a->say(*pair.b, "once");
  pair.world.net.run(milliseconds(200));
  pair.world.net.observer = nullptr;
  CHECK(pair.b->heard() == std::vector<std::string>{"once"});
  for (const auto& [from, to, bytes] : captured) {
    pair.world.net.inject(from, to, bytes);
  }
  pair.world.net.run(milliseconds(200));
  CHECK(pair.b->heard().empty());
  CHECK(pair.b->edge->counters().dropped(Drop::kReplayed) > 0);
}

TEST_CASE("a packet with any bit changed is not delivered") {
  Pair pair(10);
  REQUIRE(pair.settle());
  pair.talk(seconds(2));
  std::vector<std::uint8_t> packet;
  pair.world.net.observer = [&](const Endpoint&, const Endpoint& to, Bytes bytes) {
    if (to == pair.b->inside && bytes[0] == 0x13) {
      packet.assign(bytes.begin(), bytes.end());
    }
  };
  pair.a->say(*pair.b, "true");
  pair.world.net.run(milliseconds(60));
  pair.world.net.observer = nullptr;
  REQUIRE(!packet.empty());
  pair.b->heard();
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    auto forged = packet;
    forged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    pair.world.net.inject(pair.a->inside, pair.b->inside, forged);
  }
  pair.world.net.run(milliseconds(200));
  CHECK(pair.b->heard().empty());
  CHECK(pair.b->edge->counters().dropped(Drop::kForged) > 0);
  // And the true ones still come.
  REQUIRE(pair.until_heard(*pair.a, *pair.b, seconds(1)));
}

TEST_CASE("nobody on the wire, and no super node, ever sees what is said") {
  Pair pair(11, NatKind::kSymmetric, NatKind::kSymmetric);
  REQUIRE(pair.settle());
  const std::string secret = "a text that nobody else shall read";
  bool seen = false;
  pair.world.net.observer = [&](const Endpoint&, const Endpoint&, Bytes bytes) {
    seen = seen || text_of(bytes).find(secret.substr(0, 12)) != std::string::npos;
  };
  for (int time = 0; time < 20; ++time) {
    pair.a->say(*pair.b, secret);
    pair.world.net.run(milliseconds(100));
  }
  CHECK(pair.b->heard().back() == secret);
  CHECK_FALSE(seen);
}

TEST_CASE("a member that uses another one's address is not heard") {
  Pair pair(12);
  Machine& c = pair.world.add_edge("c");
  REQUIRE(pair.settle());
  pair.talk(seconds(2));
  REQUIRE(pair.until_heard(c, *pair.b, seconds(2)));
  pair.b->heard();
  // c writes a's addresses into its frames: IPv4, and Ethernet.
  const Mac b_mac = pair.b->edge->mac();
  c.edge->frame(pair.world.net.now(),
                text_frame(b_mac, c.edge->mac(), pair.b->address(), pair.a->address(), "I am a"),
                {});
  c.edge->frame(pair.world.net.now(),
                text_frame(b_mac, pair.a->edge->mac(), pair.b->address(), c.address(), "I am a"),
                {});
  pair.world.net.run(milliseconds(200));
  CHECK(pair.b->heard().empty());
  CHECK(pair.b->edge->counters().dropped(Drop::kSpoofed) == 2);
}

TEST_CASE("who does not know the passphrase gets no address and reaches nobody") {
  Pair pair(13);
  REQUIRE(pair.settle());
  pair.world.keys.member = make_identity(99).secret;
  pair.world.keys.supernode = make_identity(98).secret;
  Machine& stranger = pair.world.add_edge("stranger");
  pair.world.net.run(seconds(5));
  CHECK(stranger.edge->address() == 0);
  CHECK(pair.world.supernodes[0]->supernode->clients().size() == 2);
}

TEST_CASE("who knows only the super node's part of the passphrase is registered but not a peer") {
  Pair pair(14);
  REQUIRE(pair.settle());
  pair.world.keys.member = make_identity(99).secret;
  Machine& spy = pair.world.add_edge("spy");
  pair.world.net.run(seconds(2));
  REQUIRE(spy.edge->address() != 0);
  CHECK_FALSE(pair.until_heard(spy, *pair.a, seconds(5)));
  CHECK_FALSE(pair.until_heard(*pair.a, spy, seconds(5)));
}

TEST_CASE("strangers who know an edge's public key fill no table") {
  Pair pair(17);
  REQUIRE(pair.settle());
  SeededRandom random(1);
  IndexTable indices;
  ChannelOwner owner;
  for (std::uint64_t key = 0; key < 150; ++key) {
    Home home{make_identity(5000 + key), {}, random, indices, kToday};
    home.membership.community = pair.world.keys.community;
    Channel channel(home, pair.a->edge->public_key(), owner);
    pair.world.net.inject(Endpoint::from_ipv4(0xcb007200 + static_cast<Ipv4>(key), 9),
                          pair.a->inside, channel.initiate(pair.world.net.now()));
  }
  pair.world.net.run(milliseconds(100));
  CHECK(pair.a->edge->peers().size() >= 150);
  pair.world.net.run(seconds(6));
  CHECK(pair.a->edge->peers().size() <= 1);
}

TEST_CASE("an edge that leaves frees its name at once") {
  Pair pair(16);
  REQUIRE(pair.settle());
  pair.b->edge->leave(pair.world.net.now());
  pair.world.net.run(milliseconds(100));
  pair.b->on = false;
  CHECK(pair.world.supernodes[0]->supernode->clients().size() == 1);
}

// The wire loses up to 10 %, doubles, swaps and damages packets; NATs, numbers of super nodes and
// faults are drawn. Whatever happens: nothing wrong or twice is delivered, and in the end both
// talk.
TEST_CASE("on any wire everything that arrives is right, and both sides talk in the end") {
  for (std::uint64_t seed = 0; seed < seeds(60); ++seed) {
    CAPTURE(seed);
    CounterRng rng(mix(seed));
    const auto kind = [&rng] { return static_cast<NatKind>(rng.below(5)); };
    Pair pair(seed * 3 + 100, kind(), kind(), 1 + static_cast<int>(rng.below(2)));
    Wire& wire = pair.world.net.wire;
    wire.loss = rng.uniform() * 0.1;
    wire.twice = rng.uniform() * 0.1;
    wire.damage = rng.uniform() * 0.05;
    wire.longest = milliseconds(15 + rng.below(60));
    REQUIRE(pair.settle());
    std::set<std::string> heard;
    int said = 0;
    const auto check_heard = [&](Machine& machine) {
      for (const auto& text : machine.heard()) {
        REQUIRE(text.starts_with("text "));
        REQUIRE(heard.insert(text + machine.edge->name()).second);
      }
    };
    for (int step = 0; step < 150; ++step) {
      pair.a->say(*pair.b, "text " + std::to_string(said++));
      pair.b->say(*pair.a, "text " + std::to_string(said++));
      pair.world.net.run(milliseconds(100));
      check_heard(*pair.a);
      check_heard(*pair.b);
      if (step == 70 && pair.a->nat != nullptr && rng.below(2) == 0) {
        pair.a->nat->renumber(0xcb0071c9);
      }
      if (step == 100 && rng.below(2) == 0) {
        Machine& supernode = *pair.world.supernodes[0];
        pair.world.start_supernode(supernode, pair.world.leases(supernode).text());
      }
    }
    wire.loss = wire.damage = 0;
    CHECK(heard.size() > 100);
    REQUIRE(pair.until_heard(*pair.a, *pair.b, seconds(6)));
    REQUIRE(pair.until_heard(*pair.b, *pair.a, seconds(6)));
  }
}

}  // namespace marvel::vpn
