#pragma once

#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"
#include "vpn/node/simulator.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {

// Edges and super nodes of n2n in the simulated network.
class World {
 public:
  struct Node {
    sim::Machine* machine = nullptr;
    std::unique_ptr<Edge> edge;

    [[nodiscard]] const Mac& mac() const { return edge->options().mac; }
    [[nodiscard]] bool direct_to(const Node& other) const {
      const auto found = edge->peers().find(other.mac());
      return found != edge->peers().end() && !found->second.path.empty();
    }
  };
  struct Super {
    sim::Machine* machine = nullptr;
    Mac mac{};
    std::vector<Endpoint> federated;
    std::unique_ptr<Supernode> node;
  };

  explicit World(std::uint64_t seed) : net(seed) {}

  Super& add_supernode() {
    supernodes.push_back(std::make_unique<Super>());
    Super& super = *supernodes.back();
    const auto number = static_cast<std::uint8_t>(supernodes.size());
    super.machine = &net.machine(0xc6336400 + Ipv4{number});
    super.mac = {2, 0, 0, 0, 1, number};
    if (!federation.empty() && number > 1) {  // the newer ones know the first one only
      super.federated = {supernodes[0]->machine->inside};
    }
    start(super);
    return super;
  }
  [[nodiscard]] CommunityList served() const {
    return {{{"testnet", Subnet{0x0a080000, 24}, users}, {"another", std::nullopt, {}}}, {}};
  }
  // Starts it, or starts it again without what it knew.
  void start(Super& super) { start_later(super, 0); }
  // The same, with a key time that is so many seconds after that of the first start.
  void start_later(Super& super, std::uint32_t later) {
    SupernodeOptions made;
    made.mac = super.mac;
    made.federation = federation;
    made.federated = super.federated;
    made.unix_ns_at_zero = sim::kToday;
    made.key_time = static_cast<std::uint32_t>(sim::kToday / 1'000'000'000U) + later;
    super.node = std::make_unique<Supernode>(made, net.random, *super.machine);
    REQUIRE(super.node->serve(net.now(), served()));
    super.machine->on_datagram = [&super](Time now, const Endpoint& from, MutableBytes bytes) {
      super.node->datagram(now, from, bytes);
    };
    super.machine->on_tick = [&super](Time now) { super.node->tick(now); };
  }

  EdgeOptions options(const std::string& name) {
    EdgeOptions made;
    made.community = *community_of("testnet");
    made.name = name;
    made.key = "k123";
    made.cipher = cipher;
    made.encrypted_header = encrypted_header;
    made.mac = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(++made_)};
    made.id = {static_cast<std::uint8_t>(made_)};
    made.unix_ns_at_zero = sim::kToday;
    for (const auto& super : supernodes) {
      made.supernodes.push_back(super->machine->inside);
    }
    return made;
  }
  // Of an edge that registers as this user.
  [[nodiscard]] Login login(std::string_view user, std::string_view password) const {
    const Secret key = user_key(user, password);
    const auto shared = SharedKey::of(
        key, public_key(federation_key(federation.empty() ? kDefaultFederation
                                                          : std::string_view(federation))));
    REQUIRE(shared);
    return {public_key(key), *shared};
  }
  Node& add_edge(EdgeOptions made, sim::NatKind kind = sim::NatKind::kNone) {
    const auto number = static_cast<Ipv4>(nodes.size());
    sim::Nat* const nat = kind == sim::NatKind::kNone ? nullptr : &net.nat(kind);
    nodes.push_back(std::make_unique<Node>());
    Node& node = *nodes.back();
    node.machine = nat == nullptr ? &net.machine(0xc0000201 + number)
                                  : &net.machine(0xc0a80001 + 256 * number, nat);
    start(node, std::move(made));
    return node;
  }
  void start(Node& node, EdgeOptions made) {
    node.edge = std::make_unique<Edge>(std::move(made), net.random, *node.machine);
    node.edge->set_candidates({node.machine->inside});
    node.machine->on_datagram = [&node](Time now, const Endpoint& from, MutableBytes bytes) {
      node.edge->datagram(now, from, bytes);
    };
    node.machine->on_tick = [&node](Time now) { node.edge->tick(now); };
  }
  Node& add_edge(const std::string& name, sim::NatKind kind = sim::NatKind::kNone) {
    return add_edge(options(name), kind);
  }
  bool settle() {
    return net.run_until(
        [this] {
          return std::all_of(nodes.begin(), nodes.end(),
                             [](const auto& one) { return one->edge->link().registered; });
        },
        seconds(10));
  }
  // A frame with this text, as one machine sends it to another.
  void say(Node& from, const Node& to, const std::string& text) {
    from.edge->frame(
        net.now(),
        sim::text_frame(to.mac(), from.mac(), to.edge->address(), from.edge->address(), text), {});
  }
  // Says it each 100 ms until it is heard.
  bool reaches(Node& from, Node& to, const std::string& text, Duration limit) {
    const Time end = net.now() + limit;
    while (net.now() < end) {
      say(from, to, text);
      net.run(milliseconds(100));
      const auto heard = to.machine->heard();
      if (std::find(heard.begin(), heard.end(), text) != heard.end()) {
        return true;
      }
    }
    return false;
  }

  sim::Net net;
  Cipher cipher = Cipher::kSpeck;
  bool encrypted_header = false;
  std::string federation;   // of super nodes started from now on
  std::vector<User> users;  // of "testnet" there
  std::vector<std::unique_ptr<Super>> supernodes;
  std::vector<std::unique_ptr<Node>> nodes;

 private:
  unsigned made_ = 0;
};

}  // namespace marvel::vpn::n2n
