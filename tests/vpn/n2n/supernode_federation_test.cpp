// Several super nodes of one federation, with edges at each.
#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {
namespace {

// Edges know one super node each.
struct Fixture {
  explicit Fixture(std::uint64_t seed, std::size_t count = 2) : world(seed) {
    world.federation = "secretFed";
    for (std::size_t at = 0; at < count; ++at) {
      world.add_supernode();
    }
    world.net.run(seconds(3));
  }
  World::Node& edge_at(const std::string& name, std::size_t supernode,
                       sim::NatKind kind = sim::NatKind::kNone) {
    auto made = world.options(name);
    made.supernodes = {world.supernodes[supernode]->machine->inside};
    return world.add_edge(std::move(made), kind);
  }
  Supernode& supernode(std::size_t at) { return *world.supernodes[at]->node; }

  World world;
};

TEST_CASE("super nodes that know one of a federation come to know all") {
  Fixture at(1, 4);
  at.world.net.run(seconds(15));
  for (const auto& super : at.world.supernodes) {
    const auto peers = super->node->federated();
    CHECK(peers.size() == 3);
    CHECK(std::all_of(peers.begin(), peers.end(), [](const auto& one) { return one.connected; }));
  }
}

TEST_CASE("edges at two super nodes talk, over both and then directly") {
  for (const bool encrypted : {false, true}) {
    CAPTURE(encrypted);
    Fixture at(2);
    at.world.encrypted_header = encrypted;
    auto& a = at.edge_at("a", 0, sim::NatKind::kPortRestricted);
    auto& b = at.edge_at("b", 1, sim::NatKind::kPortRestricted);
    REQUIRE(at.world.settle());
    CHECK(a.edge->address() != b.edge->address());
    at.world.say(a, b, "hello");
    at.world.net.run(milliseconds(100));
    CHECK(b.machine->heard() == std::vector<std::string>{"hello"});
    CHECK(at.supernode(0).counters().relayed > 0);
    CHECK(at.supernode(1).counters().relayed > 0);
    CHECK(at.world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(3)));
  }
}

TEST_CASE("where there is no direct way both super nodes relay, each frame once") {
  Fixture at(3, 3);
  auto& a = at.edge_at("a", 0, sim::NatKind::kSymmetric);
  auto& b = at.edge_at("b", 1, sim::NatKind::kSymmetric);
  auto& c = at.edge_at("c", 2, sim::NatKind::kSymmetric);
  REQUIRE(at.world.settle());
  at.world.net.run(seconds(1));
  for (int count = 0; count < 5; ++count) {
    at.world.say(a, b, "to b");
    at.world.say(b, a, "to a");
    at.world.net.run(milliseconds(100));
    CHECK(b.machine->heard() == std::vector<std::string>{"to b"});
    CHECK(a.machine->heard() == std::vector<std::string>{"to a"});
  }
  // The others have told the third one where a and b are: it got nothing of this.
  CHECK(c.machine->heard().empty());
  a.edge->frame(at.world.net.now(),
                sim::text_frame(kEveryone, a.mac(), 0x0a0800ff, a.edge->address(), "all"), {});
  at.world.net.run(milliseconds(200));
  CHECK(b.machine->heard() == std::vector<std::string>{"all"});
  CHECK(c.machine->heard() == std::vector<std::string>{"all"});
}

TEST_CASE("an edge whose super node dies goes to one that it was told of") {
  Fixture at(4);
  auto& a = at.edge_at("a", 0, sim::NatKind::kSymmetric);
  auto& b = at.edge_at("b", 1, sim::NatKind::kSymmetric);
  REQUIRE(at.world.settle());
  REQUIRE(at.world.reaches(a, b, "before", seconds(1)));
  at.world.net.run(seconds(6));  // it has registered once more since its super node knew the other
  CHECK(a.edge->options().supernodes.size() == 2);
  const Ipv4 before = a.edge->address();
  at.world.supernodes[0]->machine->on = false;
  CHECK(at.world.reaches(b, a, "after", seconds(9)));
  CHECK(at.world.reaches(a, b, "after", seconds(1)));
  CHECK(a.edge->address() == before);
  CHECK(at.supernode(1).edges().size() == 2);
}

TEST_CASE("an edge that has moved is forgotten where it was") {
  Fixture at(5);
  auto made = at.world.options("a");
  made.supernodes = {at.world.supernodes[0]->machine->inside};
  auto& a = at.world.add_edge(made);
  REQUIRE(at.world.settle());
  CHECK(at.supernode(0).edges().size() == 1);
  made.supernodes = {at.world.supernodes[1]->machine->inside};
  made.wanted = a.edge->address();
  at.world.start(a, made);
  REQUIRE(at.world.settle());
  at.world.net.run(milliseconds(100));
  CHECK(at.supernode(0).edges().empty());
  CHECK(at.supernode(1).edges().size() == 1);
}

TEST_CASE("addresses that an edge has elsewhere are refused") {
  Fixture at(6);
  auto made = at.world.options("a");
  made.supernodes = {at.world.supernodes[0]->machine->inside};
  made.wanted = 0x0a080007;
  at.world.add_edge(made);
  REQUIRE(at.world.settle());
  auto thief = at.world.options("thief");
  thief.supernodes = {at.world.supernodes[1]->machine->inside};
  thief.wanted = 0x0a080007;
  auto& b = at.world.add_edge(thief);
  at.world.net.run(seconds(3));
  CHECK(at.supernode(0).counters().dropped(Drop::kRefused) > 0);
  CHECK(at.supernode(0).edges().size() == 1);
  CHECK(at.supernode(1).edges().empty());
  CHECK(b.edge->counters().frames_received == 0);
  const auto& told = b.machine->told;
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& line) {
    return line.find("refuses this node") != line.npos;
  }));
}

TEST_CASE("a super node of another federation stays outside") {
  World world(7);
  world.federation = "secretFed";
  auto& first = world.add_supernode();
  world.federation = "otherFed";
  auto& second = world.add_supernode();
  world.net.run(seconds(5));
  CHECK(first.node->federated().empty());
  CHECK_FALSE(second.node->federated().at(0).connected);
  CHECK(first.node->counters().dropped(Drop::kUnknownCommunity) > 0);
}

TEST_CASE("nobody else speaks as a super node") {
  Fixture at(8);
  auto& a = at.edge_at("a", 0);
  REQUIRE(at.world.settle());
  PacketHead head;
  head.flags = kFromSupernode;
  head.community = *community_of("testnet");
  head.source = {2, 0, 0, 0, 0, 77};
  head.destination = a.mac();
  head.socket = Socket{Endpoint::from_ipv4(0xc0000299, 7)};
  std::vector<std::uint8_t> bytes(head.size() + 40);
  write_head(head, bytes);
  at.world.net.inject(Endpoint::from_ipv4(0xc0000299, 7), at.world.supernodes[0]->machine->inside,
                      bytes);
  at.world.net.run(milliseconds(100));
  CHECK(at.supernode(0).counters().dropped(Drop::kUnknownSender) == 1);
  CHECK(at.supernode(0).counters().relayed == 1);  // the announcement of a
}

TEST_CASE("a super node that restarts is back at once") {
  Fixture at(9);
  auto& a = at.edge_at("a", 0, sim::NatKind::kSymmetric);
  auto& b = at.edge_at("b", 1, sim::NatKind::kSymmetric);
  REQUIRE(at.world.settle());
  at.world.start(*at.world.supernodes[1]);
  at.world.net.run(seconds(2));
  at.world.say(b, a, "makes b register");
  CHECK(at.world.reaches(a, b, "after", seconds(2)));
}

}  // namespace
}  // namespace marvel::vpn::n2n
