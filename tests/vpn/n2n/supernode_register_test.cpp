// Communities whose edges register by user and password.
#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {
namespace {

struct Fixture {
  explicit Fixture(std::uint64_t seed, std::size_t supernodes = 1) : world(seed) {
    world.federation = "secretFed";
    for (const char* const name : {"logan", "laura"}) {
      world.users.push_back({name, public_key(user_key(name, "007"))});
    }
    for (std::size_t at = 0; at < supernodes; ++at) {
      world.add_supernode();
    }
    world.net.run(seconds(3));
  }
  World::Node& edge(const std::string& user, const std::string& password,
                    sim::NatKind kind = sim::NatKind::kNone) {
    auto made = world.options(user);
    made.login = world.login(user, password);
    return world.add_edge(std::move(made), kind);
  }
  // With the right password, behind a symmetric NAT, and knowing one super node.
  World::Node& edge_at(const std::string& user, std::size_t supernode) {
    auto made = world.options(user);
    made.login = world.login(user, "007");
    made.supernodes = {world.supernodes[supernode]->machine->inside};
    return world.add_edge(std::move(made), sim::NatKind::kSymmetric);
  }
  Supernode& supernode(std::size_t at = 0) { return *world.supernodes[at]->node; }

  World world;
};

TEST_CASE("users with the right password talk, over the super node and directly") {
  for (const Cipher cipher : {Cipher::kChaCha20, Cipher::kSpeck}) {
    Fixture at(1);
    at.world.cipher = cipher;
    auto& a = at.edge("logan", "007", sim::NatKind::kPortRestricted);
    auto& b = at.edge("laura", "007", sim::NatKind::kPortRestricted);
    REQUIRE(at.world.settle());
    CHECK(a.edge->address() != b.edge->address());
    at.world.say(a, b, "hello");
    at.world.net.run(milliseconds(100));
    CHECK(b.machine->heard() == std::vector<std::string>{"hello"});
    CHECK(at.world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(3)));
    CHECK(at.world.reaches(b, a, "back", seconds(1)));
  }
}

TEST_CASE("a wrong password, an unknown user and no user at all are refused") {
  Fixture at(2);
  auto& wrong = at.edge("logan", "008");
  auto& unknown = at.edge("mallory", "007");
  at.world.encrypted_header = true;
  auto& none = at.world.add_edge("none");
  at.world.encrypted_header = false;
  auto& clear = at.world.add_edge("clear");
  at.world.net.run(seconds(10));
  for (const auto* const one : {&wrong, &unknown, &none, &clear}) {
    CHECK_FALSE(one->edge->link().registered);
  }
  CHECK(at.supernode().edges().empty());
  CHECK(at.supernode().counters().dropped(Drop::kRefused) > 0);
  const auto& told = wrong.machine->told;
  CHECK(std::any_of(told.begin(), told.end(), [](const std::string& line) {
    return line.find("does not know the user") != line.npos;
  }));
}

TEST_CASE("a super node without the federation's key is not believed") {
  Fixture at(3);
  auto made = at.world.options("logan");
  at.world.federation = "anotherFed";
  made.login = at.world.login("logan", "007");
  auto& a = at.world.add_edge(made);
  at.world.net.run(seconds(5));
  CHECK_FALSE(a.edge->link().registered);
  CHECK(at.supernode().edges().empty());
}

// The header key of registrations follows from the community's name, so anybody can send one.
TEST_CASE("a registration that is changed or repeated is refused") {
  Fixture at(4);
  std::vector<std::uint8_t> recorded;
  const Endpoint place = at.world.supernodes[0]->machine->inside;
  at.world.net.observer = [&](const Endpoint& /*from*/, const Endpoint& to, Bytes bytes) {
    if (to == place && recorded.empty()) {
      recorded.assign(bytes.begin(), bytes.end());
    }
  };
  at.edge("logan", "007");
  REQUIRE(at.world.settle());
  REQUIRE_FALSE(recorded.empty());
  const auto before = at.supernode().edges().size();
  const Endpoint elsewhere = Endpoint::from_ipv4(0xc0000277, 9);
  auto changed = recorded;
  changed.back() ^= 1U;
  at.world.net.inject(elsewhere, place, changed);
  at.world.net.run(milliseconds(100));
  CHECK(at.supernode().counters().dropped(Drop::kUnknownSender) == 1);
  CHECK(at.supernode().edges().size() == before);
  CHECK(at.supernode().edges()[0].endpoint != elsewhere);
}

TEST_CASE("who knows the community's name cannot read where packets go") {
  Fixture at(5);
  auto& a = at.edge("logan", "007", sim::NatKind::kSymmetric);
  auto& b = at.edge("laura", "007", sim::NatKind::kSymmetric);
  REQUIRE(at.world.settle());
  const HeaderCipher by_name(*community_of("testnet"));
  std::size_t packets = 0;
  at.world.net.observer = [&](const Endpoint& /*from*/, const Endpoint& /*to*/, Bytes bytes) {
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    const bool readable = by_name.open(copy).has_value() || looks_clear(bytes);
    CHECK_FALSE(readable);
    ++packets;
  };
  CHECK(at.world.reaches(a, b, "x", seconds(1)));
  CHECK(packets > 1);
}

TEST_CASE("users of a federation talk over two super nodes, and move between them") {
  Fixture at(6, 2);
  auto& a = at.edge_at("logan", 0);
  auto& b = at.edge_at("laura", 1);
  REQUIRE(at.world.settle());
  CHECK(at.world.reaches(a, b, "there", seconds(1)));
  CHECK(at.world.reaches(b, a, "back", seconds(1)));
  at.world.net.run(seconds(6));
  at.world.supernodes[0]->machine->on = false;
  CHECK(at.world.reaches(b, a, "after", seconds(9)));
}

TEST_CASE("a super node that restarts brings a new key, which edges ask for") {
  Fixture at(7);
  auto& a = at.edge("logan", "007", sim::NatKind::kSymmetric);
  auto& b = at.edge("laura", "007", sim::NatKind::kSymmetric);
  REQUIRE(at.world.settle());
  at.world.start_later(*at.world.supernodes[0], 77);
  CHECK(at.world.reaches(a, b, "after", seconds(8)));
}

TEST_CASE("the newest start in a federation gives the key, and edges follow") {
  Fixture at(8, 2);
  auto& a = at.edge_at("logan", 0);
  REQUIRE(at.world.settle());
  at.world.start_later(*at.world.supernodes[1], 50);
  at.world.net.run(seconds(3));
  auto& b = at.edge_at("laura", 1);
  REQUIRE(at.world.settle());
  CHECK(at.world.reaches(a, b, "there", seconds(2)));
  CHECK(at.world.reaches(b, a, "back", seconds(2)));
}

TEST_CASE("two machines of one user have addresses of their own") {
  Fixture at(9);
  auto& a = at.edge("logan", "007");
  auto& b = at.edge("logan", "007");
  REQUIRE(at.world.settle());
  at.world.net.run(seconds(20));
  CHECK(a.edge->address() != b.edge->address());
  CHECK(at.supernode().edges().size() == 2);
  CHECK(at.world.reaches(a, b, "x", seconds(1)));
}

}  // namespace
}  // namespace marvel::vpn::n2n
