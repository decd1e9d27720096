#include "vpn/node/certified.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

struct Pair {
  explicit Pair(std::uint64_t seed) : world(seed) {
    world.add_supernode();
    world.add_supernode();
    a = &world.add_edge("a");
    b = &world.add_edge("b");
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
    world.net.run(seconds(2));
    key = x25519_public(supernode_identity(world.keys.supernode));
  }
  [[nodiscard]] EdgeSettings settings(const std::vector<int>& supernodes) const {
    EdgeSettings now;
    for (const int at : supernodes) {
      now.list.push_back({world.supernodes[static_cast<std::size_t>(at)]->inside, key});
    }
    return now;
  }
  bool hears(Machine& from, Machine& to) {
    to.heard();
    for (int at = 0; at < 20 && to.frames.empty(); ++at) {
      from.say(to, "hello");
      world.net.run(milliseconds(100));
    }
    return !to.frames.empty();
  }
  [[nodiscard]] std::size_t clients_of(int supernode) const {
    return world.supernodes[static_cast<std::size_t>(supernode)]->supernode->clients().size();
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
  PublicKey key{};
};

}  // namespace

TEST_CASE("super nodes are changed while address and sessions stay") {
  Pair pair(1400);
  REQUIRE(pair.hears(*pair.a, *pair.b));
  const Ipv4 address = pair.a->address();
  const auto handshakes = pair.a->peer(*pair.b)->channel.handshakes();
  REQUIRE(pair.clients_of(0) == 2);
  pair.a->edge->change(pair.world.net.now(), pair.settings({1}));
  pair.world.net.run(seconds(1));
  CHECK(pair.clients_of(0) == 1);  // it was told goodbye
  CHECK(pair.clients_of(1) == 2);
  CHECK(pair.hears(*pair.a, *pair.b));
  pair.a->edge->change(pair.world.net.now(), pair.settings({0, 1}));
  pair.world.net.run(seconds(2));
  CHECK(pair.clients_of(0) == 2);
  CHECK(pair.a->edge->links().size() == 2);
  CHECK(pair.a->address() == address);
  CHECK(pair.a->peer(*pair.b)->channel.handshakes() == handshakes);
  CHECK(pair.hears(*pair.b, *pair.a));
}

TEST_CASE("relayed frames go on over the super node that is left") {
  Pair pair(1401);
  pair.world.net.cut = [&](const Endpoint& from, const Endpoint& to) {
    return (from == pair.a->inside && to == pair.b->inside) ||
           (from == pair.b->inside && to == pair.a->inside);
  };
  REQUIRE(pair.hears(*pair.a, *pair.b));
  pair.a->edge->change(pair.world.net.now(), pair.settings({1}));
  CHECK(pair.hears(*pair.a, *pair.b));
  CHECK(pair.hears(*pair.b, *pair.a));
}

TEST_CASE("access rules count from the next frame, and go again") {
  Pair pair(1402);
  REQUIRE(pair.hears(*pair.b, *pair.a));
  EdgeSettings strict = pair.settings({0, 1});
  strict.access = {*parse_access_rule("*:tcp/22")};
  pair.a->edge->change(pair.world.net.now(), strict);
  CHECK_FALSE(pair.hears(*pair.b, *pair.a));
  pair.a->edge->change(pair.world.net.now(), pair.settings({0, 1}));
  CHECK(pair.hears(*pair.b, *pair.a));
}

TEST_CASE("announced networks are told to the super nodes at once") {
  Pair pair(1403);
  EdgeSettings now = pair.settings({0, 1});
  now.announced = {{0x0af40100, 24}};
  pair.a->edge->change(pair.world.net.now(), now);
  EdgeSettings accepting = pair.settings({0, 1});
  accepting.accepted = {{0x0af40000, 16}};
  pair.b->edge->change(pair.world.net.now(), accepting);
  pair.world.net.run(milliseconds(100));
  // To an Ethernet address that nobody has any more, so its owner is looked for.
  const Mac unknown{2, 1, 1, 1, 1, 1};
  pair.b->edge->frame(pair.world.net.now(),
                      text_frame(unknown, pair.b->edge->mac(), 0x0af40105, pair.b->address(), "x"),
                      {});
  pair.world.net.run(milliseconds(200));
  REQUIRE(pair.b->peer(*pair.a) != nullptr);
  CHECK(pair.b->peer(*pair.a)->prefixes == now.announced);
}

TEST_CASE("announced networks and new addresses are told although a datagram is lost") {
  Pair pair(1404);
  const Endpoint moved = Endpoint::from_ipv4(0xc0000299, kDefaultPort);
  EdgeSettings now = pair.settings({0, 1});
  now.announced = {{0x0af40100, 24}};
  pair.world.net.cut = [&](const Endpoint& from, const Endpoint&) {
    return from == pair.a->inside;
  };
  pair.a->edge->change(pair.world.net.now(), now);
  pair.a->edge->set_candidates(pair.world.net.now(), {moved});
  pair.world.net.run(milliseconds(100));
  pair.world.net.cut = nullptr;
  pair.world.net.run(seconds(3));
  REQUIRE(pair.hears(*pair.b, *pair.a));
  REQUIRE(pair.b->peer(*pair.a) != nullptr);
  CHECK(pair.b->peer(*pair.a)->prefixes == now.announced);
  CHECK(pair.b->peer(*pair.a)->candidates.front() == moved);
}

TEST_CASE("a super node that is named twice is one") {
  const PublicKey one = make_identity(1).point;
  const PublicKey two = make_identity(2).point;
  const Endpoint here = Endpoint::from_ipv4(0xc6336401, kDefaultPort);
  const Endpoint there = Endpoint::from_ipv4(0xc6336402, kDefaultPort);
  const auto places = [](const std::vector<EdgeOptions::Supernode>& list) {
    std::vector<Endpoint> all;
    for (const auto& entry : list) {
      all.push_back(entry.endpoint);
    }
    return all;
  };
  std::vector<Endpoint> left_out;
  const std::vector<EdgeOptions::Supernode> list{{here, one}, {there, one}, {here, one}};
  CHECK(places(without_doubles(list, false, left_out)) == std::vector{here, there});
  CHECK(left_out == std::vector{here});
  left_out.clear();
  CHECK(places(without_doubles(list, true, left_out)) == std::vector{here});
  CHECK(left_out == std::vector{there, here});
  left_out.clear();
  CHECK(without_doubles({{here, one}, {there, two}}, true, left_out).size() == 2);
  CHECK(left_out.empty());
}

TEST_CASE("a network inside the community's is found before the super nodes refuse it") {
  Pair pair(1405);
  const Edge& edge = *pair.a->edge;
  CHECK(edge.check_announced({{0x0af40100, 24}, {0x0a000000, 8}}));
  for (const Subnet& inside : {Subnet{0x0a080000, 24}, {0x0a080040, 26}}) {
    const Status refused = edge.check_announced({{0x0af40100, 24}, inside});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(inside.text()) != std::string::npos);
  }
}

TEST_CASE("a certificate that ends is told of some days before, and when it has ended") {
  Certified world(1406);
  Machine& edge = world.add("a", 1);
  const auto told = [&edge](const std::string& words) {
    return std::count_if(edge.told.begin(), edge.told.end(), [&](const std::string& one) {
      return one.find(words) != std::string::npos;
    });
  };
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const std::uint64_t today = kToday / kSecond;
  Certificate certificate;
  certificate.name = "a";
  certificate.not_before = today - 100 * 86400;
  certificate.not_after = today + 8 * 86400;
  world.renew(edge, 1, certificate);
  world.net.run(seconds(2));
  CHECK(told("certificate") == 0);
  edge.edge->set_calendar(kToday + 2 * 86400 * kSecond);
  world.net.run(seconds(2));
  CHECK(told("the certificate of this node ends soon: 2026-09-") == 1);
  edge.edge->set_calendar(kToday + 9 * 86400 * kSecond);
  world.net.run(seconds(20));
  CHECK(told("the certificate of this node is not valid now") == 1);
  CHECK(told("ends soon") == 1);
  CHECK(edge.edge->certificate()->not_after == certificate.not_after);
}

}  // namespace marvel::vpn
