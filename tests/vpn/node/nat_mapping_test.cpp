#include "vpn/node/nat_mapping.hpp"

#include "vpn/node/simulator.hpp"

namespace marvel::vpn {
namespace {

const Endpoint kInside = Endpoint::from_ipv4(0x0a000002, 4194);
const Endpoint kOut = Endpoint::from_ipv4(0xcb007101, 20000);
const Endpoint kOther = Endpoint::from_ipv4(0xcb007101, 20001);

Endpoint observer(Ipv4 number, std::uint16_t port = 4194) {
  return Endpoint::from_ipv4(0xc6336400 + number, port);
}

}  // namespace

TEST_CASE("what observers see tells how the NAT maps") {
  const std::vector<Endpoint> own{kInside};
  CHECK(nat_mapping(own, {}).kind == NatMapping::kUnknown);
  CHECK(nat_mapping(own, {{observer(1), kInside}}).kind == NatMapping::kOpen);
  CHECK(nat_mapping(own, {{observer(1), kOut}}).kind == NatMapping::kUnknown);
  CHECK(nat_mapping(own, {{observer(1), kOut}, {observer(2), kOut}}).kind == NatMapping::kCone);
  CHECK(nat_mapping(own, {{observer(1), kOut}, {observer(2), kOther}}).kind ==
        NatMapping::kSymmetric);
}

TEST_CASE("two ports of one observer prove a symmetric NAT and no other") {
  CHECK(nat_mapping({kInside}, {{observer(1), kOut}, {observer(1, 9), kOther}}).kind ==
        NatMapping::kSymmetric);
  CHECK(nat_mapping({kInside}, {{observer(1), kOut}, {observer(1, 9), kOut}}).kind ==
        NatMapping::kUnknown);
}

TEST_CASE("observers inside of the NAT do not count beside one outside") {
  const NatFinding found =
      nat_mapping({kInside}, {{observer(9), kInside}, {observer(1), kOut}, {observer(2), kOut}});
  CHECK(found.kind == NatMapping::kCone);
  CHECK(found.observers == 2);
}

TEST_CASE("an edge with two super nodes knows its NAT, whatever it is") {
  const auto nat_of = [](sim::NatKind kind, int supernodes) {
    sim::World world(700 + static_cast<std::uint64_t>(kind));
    for (int at = 0; at < supernodes; ++at) {
      world.add_supernode();
    }
    const sim::Machine& edge = world.add_edge("a", kind);
    world.net.run(seconds(5));
    return edge.edge->nat(world.net.now()).kind;
  };
  CHECK(nat_of(sim::NatKind::kNone, 2) == NatMapping::kOpen);
  CHECK(nat_of(sim::NatKind::kFullCone, 2) == NatMapping::kCone);
  CHECK(nat_of(sim::NatKind::kPortRestricted, 2) == NatMapping::kCone);
  CHECK(nat_of(sim::NatKind::kSymmetric, 2) == NatMapping::kSymmetric);
  CHECK(nat_of(sim::NatKind::kSymmetric, 1) == NatMapping::kUnknown);
  CHECK(nat_of(sim::NatKind::kNone, 0) == NatMapping::kUnknown);
}

TEST_CASE("a peer with a direct path is an observer, too") {
  sim::World world(710);
  world.add_supernode();
  sim::Machine& a = world.add_edge("a", sim::NatKind::kPortRestricted);
  sim::Machine& b = world.add_edge("b");
  world.net.run(seconds(2));
  CHECK(a.edge->nat(world.net.now()).kind == NatMapping::kUnknown);
  for (int at = 0; at < 30; ++at) {
    a.say(b, "hello");
    world.net.run(milliseconds(100));
  }
  REQUIRE(a.direct_to(b));
  CHECK(a.edge->nat(world.net.now()).kind == NatMapping::kCone);
}

}  // namespace marvel::vpn
