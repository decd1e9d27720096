#include "vpn/node/edge.hpp"
#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

constexpr Mac kEverybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr Mac kGroup{0x01, 0x00, 0x5e, 0, 0, 1};
constexpr Ipv4 kPod = 0x0af40105;  // 10.244.1.5

// One super node and three edges without NAT.
struct Three {
  explicit Three(std::uint64_t seed, const std::function<void(EdgeOptions&)>& adjust = {})
      : world(seed) {
    world.adjust = adjust;
    world.add_supernode();
    a = &world.add_edge("a");
    b = &world.add_edge("b");
    c = &world.add_edge("c");
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
  }
  [[nodiscard]] Time now() const { return world.net.now(); }
  void send(Machine& from, const Mac& to_mac, Ipv4 to, Ipv4 source, const std::string& text) {
    from.edge->frame(now(), text_frame(to_mac, from.edge->mac(), to, source, text), {});
  }
  // Knows the other one and has a session with it.
  void introduce(Machine& from, Machine& to) {
    for (int at = 0; at < 5; ++at) {
      from.say(to, "hello");
      world.net.run(milliseconds(300));
    }
    REQUIRE_FALSE(to.heard().empty());
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
  Machine* c = nullptr;
};

bool has(std::vector<std::string> texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::vector<std::uint8_t> question_for(const Machine& from, const Ipv6& target) {
  std::vector<std::uint8_t> frame(14 + 40 + 24);
  const Mac mac = from.edge->mac();
  std::copy(mac.begin(), mac.end(), frame.begin() + 6);
  frame[0] = frame[1] = 0x33;
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[14] = 0x60;
  frame[20] = 58;
  frame[21] = 255;
  const Ipv6 own = from.edge->ipv6();
  std::copy(own.begin(), own.end(), frame.begin() + 22);
  frame[54] = 135;
  std::copy(target.begin(), target.end(), frame.begin() + 62);
  return frame;
}

std::vector<std::uint8_t> ipv6_frame(const Machine& from, const Machine& to, const Ipv6& source) {
  std::vector<std::uint8_t> frame(14 + 40 + 8);
  const Mac to_mac = to.edge->mac();
  const Mac mac = from.edge->mac();
  std::copy(to_mac.begin(), to_mac.end(), frame.begin());
  std::copy(mac.begin(), mac.end(), frame.begin() + 6);
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[14] = 0x60;
  frame[20] = 253;
  std::copy(source.begin(), source.end(), frame.begin() + 22);
  const Ipv6 there = to.edge->ipv6();
  std::copy(there.begin(), there.end(), frame.begin() + 38);
  return frame;
}

}  // namespace

TEST_CASE("a broadcast frame reaches every member, known before or not, and once") {
  Three net(1);
  net.send(*net.a, kEverybody, 0xffffffff, net.a->address(), "first");
  net.world.net.run(seconds(1));
  net.send(*net.a, kEverybody, 0x0a0800ff, net.a->address(), "all");
  net.world.net.run(seconds(1));
  for (Machine* const one : {net.b, net.c}) {
    const auto texts = one->heard();
    CHECK(std::count(texts.begin(), texts.end(), "all") == 1);
  }
  CHECK(net.a->heard().empty());
}

TEST_CASE("multicast stays at home unless it is asked for, on both sides") {
  Three quiet(2);
  quiet.introduce(*quiet.a, *quiet.b);
  quiet.send(*quiet.a, kGroup, 0xe0000001, quiet.a->address(), "group");
  quiet.world.net.run(seconds(1));
  CHECK_FALSE(has(quiet.b->heard(), "group"));
  CHECK(quiet.a->edge->counters().dropped(Drop::kNotCarried) == 1);
  Three loud(3, [](EdgeOptions& options) { options.multicast = options.name != "c"; });
  loud.introduce(*loud.a, *loud.b);
  loud.introduce(*loud.a, *loud.c);
  loud.send(*loud.a, kGroup, 0xe0000001, loud.a->address(), "group");
  loud.world.net.run(seconds(1));
  CHECK(has(loud.b->heard(), "group"));
  CHECK_FALSE(has(loud.c->heard(), "group"));
}

TEST_CASE("a storm is cut where it begins") {
  Three net(4);
  net.introduce(*net.a, *net.b);
  for (int at = 0; at < 1000; ++at) {
    net.send(*net.a, kEverybody, 0xffffffff, net.a->address(), "storm");
  }
  net.world.net.run(seconds(1));
  CHECK(net.b->heard().size() <= static_cast<std::size_t>(kFloodBurst) + 64);
  CHECK(net.a->edge->counters().dropped(Drop::kStorm) > 700);
}

TEST_CASE("nobody broadcasts in another one's name") {
  Three net(5);
  net.introduce(*net.a, *net.b);
  net.send(*net.a, kEverybody, 0xffffffff, net.c->address(), "false");
  net.world.net.run(seconds(1));
  CHECK_FALSE(has(net.b->heard(), "false"));
  CHECK(net.b->edge->counters().dropped(Drop::kSpoofed) > 0);
}

TEST_CASE("a neighbour's IPv6 address is answered for on the spot, and its frames arrive") {
  Three net(6);
  net.a->edge->frame(net.now(), question_for(*net.a, net.b->edge->ipv6()), {});
  REQUIRE(net.world.net.run_until([&] { return !net.a->frames.empty(); }, seconds(1)));
  const auto answer = net.a->frames.front();
  CHECK(source_of(answer) == net.b->edge->mac());
  CHECK(answer[54] == 136);
  net.a->edge->frame(net.now(), ipv6_frame(*net.a, *net.b, net.a->edge->ipv6()), {});
  CHECK(net.world.net.run_until([&] { return !net.b->frames.empty(); }, seconds(2)));
  net.a->edge->frame(net.now(), ipv6_frame(*net.a, *net.b, net.c->edge->ipv6()), {});
  net.world.net.run(seconds(1));
  CHECK(net.b->edge->counters().dropped(Drop::kSpoofed) == 1);
}

TEST_CASE("a network behind an edge is reached by who accepts it, and by nobody else") {
  const auto adjust = [](EdgeOptions& options) {
    if (options.name == "b") {
      options.announced = {{0x0af40100, 24}};
    } else if (options.name == "a") {
      options.accepted = {{0x0af40000, 16}};
    }
  };
  Three net(7, adjust);
  // The machine asks who has the pod's address, as the route through the device makes it do.
  for (Machine* const one : {net.a, net.c}) {
    auto request = arp_reply({kEverybody, kPod, one->address()}, one->edge->mac());
    request[kEthernet + 7] = 1;
    one->edge->frame(net.now(), request, {});
  }
  net.world.net.run(seconds(1));
  REQUIRE(net.a->arp.contains(kPod));
  CHECK(net.a->arp.at(kPod) == net.b->edge->mac());
  CHECK_FALSE(net.c->arp.contains(kPod));
  net.send(*net.a, net.b->edge->mac(), kPod, net.a->address(), "to the pod");
  net.world.net.run(seconds(1));
  CHECK(has(net.b->heard(), "to the pod"));
  net.send(*net.b, net.a->edge->mac(), net.a->address(), kPod, "from the pod");
  net.send(*net.b, net.a->edge->mac(), net.a->address(), 0x0af40205, "of another network");
  net.world.net.run(seconds(1));
  const auto texts = net.a->heard();
  CHECK(has(texts, "from the pod"));
  CHECK_FALSE(has(texts, "of another network"));
  CHECK(net.a->edge->counters().dropped(Drop::kSpoofed) == 1);
}

TEST_CASE("a machine is not made a router to places that it does not announce") {
  Three net(8);
  net.introduce(*net.a, *net.b);
  net.send(*net.a, net.b->edge->mac(), 0x08080808, net.a->address(), "through you");
  net.world.net.run(seconds(1));
  CHECK_FALSE(has(net.b->heard(), "through you"));
}

TEST_CASE("with an access list only what it allows, and answers, come in") {
  Three net(9, [](EdgeOptions& options) {
    if (options.name == "b") {
      options.access = {*parse_access_rule("admin")};
    }
  });
  net.a->say(*net.b, "let me in");
  net.world.net.run(seconds(1));
  net.a->say(*net.b, "let me in");
  net.world.net.run(seconds(1));
  CHECK(net.b->heard().empty());
  CHECK(net.b->edge->counters().dropped(Drop::kDenied) > 0);
  net.b->say(*net.a, "question");
  net.world.net.run(seconds(1));
  net.a->say(*net.b, "answer");
  net.world.net.run(seconds(1));
  CHECK(has(net.b->heard(), "answer"));
}

TEST_CASE("a frame larger than the path takes arrives in two halves, whatever the path") {
  for (const std::size_t largest : {1300U, 1000U, 800U}) {
    CAPTURE(largest);
    Three net(10);
    net.world.net.wire.largest = largest;
    net.introduce(*net.a, *net.b);
    const std::string large(kDefaultMtu - 20, 'x');
    int arrived = 0;
    for (int at = 0; at < 40; ++at) {
      net.a->say(*net.b, large);
      net.world.net.run(milliseconds(200));
      arrived += has(net.b->heard(), large) ? 1 : 0;
    }
    CHECK(arrived == 40);
  }
}

TEST_CASE("on a path that takes everything nothing is halved after the first round trips") {
  Three net(11);
  net.introduce(*net.a, *net.b);
  std::size_t biggest = 0;
  net.world.net.observer = [&biggest](const Endpoint&, const Endpoint&, Bytes bytes) {
    biggest = std::max(biggest, bytes.size());
  };
  net.a->say(*net.b, std::string(kDefaultMtu - 20, 'x'));
  net.world.net.run(milliseconds(100));
  CHECK(biggest == kHeaderSize + kEthernet + kDefaultMtu + kTagSize);
}

TEST_CASE("on a path with a round trip of 1.5 s the direct path stays and nothing is halved") {
  Three net(12);
  net.introduce(*net.a, *net.b);
  net.world.net.wire.shortest = milliseconds(745);
  net.world.net.wire.longest = milliseconds(755);
  const auto talk = [&net](int times) {
    for (int at = 0; at < times; ++at) {
      net.a->say(*net.b, "ping");
      net.b->say(*net.a, "pong");
      net.world.net.run(milliseconds(200));
    }
  };
  talk(75);
  REQUIRE(net.a->direct_to(*net.b));
  net.a->told.clear();
  talk(300);
  CHECK(net.a->told.empty());
  CHECK(net.a->peer(*net.b)->direct_mtu.size() == kHeaderSize + kEthernet + kDefaultMtu + kTagSize);
}

}  // namespace marvel::vpn
