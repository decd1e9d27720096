// Thousands of small worlds, each drawn from its seed: NATs, wires that lose, double, swap and
// damage, super nodes and edges that fail. MARVEL_SEEDS multiplies how many.
#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

using namespace sim;

// What goes wrong in the middle.
enum class Fault { kNone, kSupernodeRestarts, kSupernodeDies, kNatRenumbers, kEdgeRestarts, kCut };

class Drawn {
 public:
  Drawn(std::uint64_t seed, Fault fault) : rng_(mix(seed ^ 0x5eedU)), world_(seed), fault_(fault) {
    const std::uint32_t supernodes = fault_ == Fault::kSupernodeDies ? 2 : 1 + rng_.below(2);
    for (std::uint32_t at = 0; at < supernodes; ++at) {
      world_.add_supernode();
    }
    const std::uint32_t edges = 2 + rng_.below(2);
    for (std::uint32_t at = 0; at < edges; ++at) {
      world_.add_edge("edge-" + std::to_string(at), static_cast<NatKind>(rng_.below(5)));
    }
    Wire& wire = world_.net.wire;
    wire.loss = rng_.uniform() * 0.1;
    wire.twice = rng_.uniform() * 0.1;
    wire.damage = rng_.uniform() * 0.05;
    wire.longest = milliseconds(15 + rng_.below(60));
    wire.largest = rng_.below(4) == 0 ? 900 + rng_.below(600) : 65536;
  }

  void live() {
    // Handshakes may be lost several times in a row.
    REQUIRE(world_.net.run_until([this] { return world_.settled(); }, seconds(60)));
    talk(10);
    fail();
    talk(15);
    world_.net.cut = nullptr;
    world_.net.wire.loss = world_.net.wire.damage = 0;
    for (Machine* const from : world_.edges) {
      for (Machine* const to : world_.edges) {
        if (from != to) {
          REQUIRE(reaches(*from, *to));
        }
      }
    }
  }

 private:
  // Each says something to a neighbour; what arrives was said, and arrives once at one of them.
  void talk(int times) {
    for (int at = 0; at < times; ++at) {
      for (std::size_t from = 0; from < world_.edges.size(); ++from) {
        Machine& other = *world_.edges[(from + 1 + rng_.below(2)) % world_.edges.size()];
        if (&other != world_.edges[from]) {
          const std::string text = "text " + std::to_string(said_++);
          world_.edges[from]->say(other, text + std::string(rng_.below(3) == 0 ? 1300 : 0, '.'));
        }
      }
      world_.net.run(milliseconds(100));
      listen();
    }
  }
  void listen() {
    for (Machine* const one : world_.edges) {
      for (const auto& text : one->heard()) {
        REQUIRE(text.starts_with("text "));
        REQUIRE(text.find_first_not_of('.', text.find_last_of("0123456789") + 1) == text.npos);
        REQUIRE(heard_.insert(text).second);
      }
    }
  }
  static Endpoint outside_of(const Machine& one) {
    return one.nat == nullptr ? one.inside : Endpoint::from_ipv4(one.nat->outside(), 0);
  }
  void fail() {
    Machine& supernode = *world_.supernodes[0];
    Machine& edge = *world_.edges[0];
    switch (fault_) {
      case Fault::kNone:
        return;
      case Fault::kSupernodeRestarts:
        return world_.start_supernode(supernode, world_.leases(supernode).text());
      case Fault::kSupernodeDies:
        supernode.on = false;
        return;
      case Fault::kNatRenumbers:
        return edge.nat != nullptr ? edge.nat->renumber(0xcb0071c9) : void();
      case Fault::kEdgeRestarts:
        return world_.start_edge(edge, "edge-0", 1000);
      case Fault::kCut:
        world_.net.cut = [&supernode, place = outside_of(edge)](const Endpoint& from,
                                                                const Endpoint& to) {
          return from == supernode.inside && to.address == place.address;
        };
        return;
    }
  }
  bool reaches(Machine& from, Machine& to) {
    for (int at = 0; at < 80; ++at) {
      const std::string text = "text " + std::to_string(said_++);
      from.say(to, text);
      world_.net.run(milliseconds(100));
      listen();
      if (heard_.contains(text)) {
        return true;
      }
    }
    return false;
  }

  CounterRng rng_;
  World world_;
  Fault fault_;
  int said_ = 0;
  std::set<std::string> heard_;
};

// 350 for each fault. Nothing wrong arrives, nothing twice, and all talk in the end.
void live_through(Fault fault) {
  for (std::uint64_t seed = 0; seed < seeds(350); ++seed) {
    CAPTURE(seed);
    Drawn(1000 * static_cast<std::uint64_t>(fault) + seed, fault).live();
  }
}

}  // namespace

TEST_CASE("small worlds on bad wires carry what is said, once, and no more") {
  live_through(Fault::kNone);
}

TEST_CASE("small worlds outlive the restart of a super node") {
  live_through(Fault::kSupernodeRestarts);
}

TEST_CASE("small worlds outlive a super node that dies beside another one") {
  live_through(Fault::kSupernodeDies);
}

TEST_CASE("small worlds outlive another address of a NAT") {
  live_through(Fault::kNatRenumbers);
}

TEST_CASE("small worlds outlive the restart of an edge") {
  live_through(Fault::kEdgeRestarts);
}

TEST_CASE("small worlds outlive a way that is cut in one direction") {
  live_through(Fault::kCut);
}

}  // namespace marvel::vpn
