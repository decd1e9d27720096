#include "vpn/n2n/supernode.hpp"

#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {
namespace {

// A client that speaks in single datagrams, as recorded ones do.
class Client {
 public:
  Client(World& world, World::Super& super, Ipv4 at)
      : machine(world.net.machine(at)), world_(world), super_(super.machine->inside) {
    machine.on_datagram = [this](Time, const Endpoint&, MutableBytes bytes) {
      if (const auto message = decode(bytes)) {
        answers.push_back(*message);
      } else {
        others.emplace_back(bytes.begin(), bytes.end());
      }
    };
  }
  void send(const Body& body, std::uint16_t flags = 0) {
    send(encode({kTtl, flags, *community_of("testnet"), body}));
  }
  void send(const std::vector<std::uint8_t>& bytes) {
    answers.clear();
    others.clear();
    world_.net.transmit(machine, super_, bytes);
    world_.net.run(milliseconds(100));
  }
  // The only answer there was.
  template <class Kind>
  Kind answer() {
    REQUIRE(answers.size() == 1);
    REQUIRE(std::holds_alternative<Kind>(answers[0].body));
    return std::get<Kind>(answers[0].body);
  }

  sim::Machine& machine;
  std::vector<Message> answers;
  std::vector<std::vector<std::uint8_t>> others;

 private:
  World& world_;
  Endpoint super_;
};

RegisterSuper registration(std::uint8_t number, Ipv4 address) {
  RegisterSuper body;
  body.cookie = 1000U + number;
  body.edge = {2, 0, 0, 0, 0, number};
  body.address = {address, 24};
  body.description = description_of("node" + std::to_string(number));
  body.auth = {kSimpleId, std::vector<std::uint8_t>(16, number)};
  return body;
}

struct Fixture {
  World world{1};
  World::Super& super = world.add_supernode();
  Client a{world, super, 0xc0000281};
  Client b{world, super, 0xc0000282};
};

TEST_CASE("a registration is answered with where it came from") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  const auto ack = at.a.answer<RegisterSuperAck>();
  CHECK(ack.cookie == 1001);
  CHECK(ack.seen.endpoint == at.a.machine.inside);
  CHECK(ack.address.ip == 0);
  CHECK(at.super.node->edges().at(0).address == 0x0a080001);
}

TEST_CASE("who asks for an address gets one of the community and is not registered") {
  Fixture at;
  auto body = registration(1, 0);
  body.edge = kNoMac;
  at.a.send(body);
  const auto ack = at.a.answer<RegisterSuperAck>();
  CHECK(Subnet{0x0a080000, 24}.is_host(ack.address.ip));
  CHECK(ack.address.bits == 24);
  CHECK(at.super.node->edges().empty());
}

TEST_CASE("another node's addresses are refused, its own are not") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  auto thief = registration(2, 0x0a080001);
  at.b.send(thief);
  CHECK(at.b.answer<RegisterSuperNak>().cookie == 1002);
  thief.edge = registration(1, 0).edge;
  thief.address = {0x0a080002, 24};
  at.b.send(thief);
  at.b.answer<RegisterSuperNak>();
  CHECK(at.super.node->counters().dropped(Drop::kRefused) == 2);
  at.a.send(registration(1, 0x0a080001));
  at.a.answer<RegisterSuperAck>();
  // Who has been silent for 20 s may have crashed.
  at.world.net.run(seconds(21));
  at.b.send(registration(2, 0x0a080001));
  at.b.answer<RegisterSuperAck>();
  CHECK(at.super.node->edges().size() == 1);
}

TEST_CASE("only its owner ends a registration") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  UnregisterSuper leave{{kSimpleId, std::vector<std::uint8_t>(16, 2)}, registration(1, 0).edge};
  at.b.send(leave);
  CHECK(at.super.node->edges().size() == 1);
  leave.auth = registration(1, 0).auth;
  at.a.send(leave);
  CHECK(at.super.node->edges().empty());
}

TEST_CASE("edges are forgotten after a minute of silence") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  at.world.net.run(seconds(58));
  CHECK(at.super.node->edges().size() == 1);
  at.world.net.run(seconds(4));
  CHECK(at.super.node->edges().empty());
}

TEST_CASE("a question says where a peer is, and a ping where one is oneself") {
  Fixture at;
  auto body = registration(1, 0x0a080001);
  body.socket = Socket{Endpoint::from_ipv4(0xc0a80001, 7)};
  at.a.send(body);
  at.b.send(registration(2, 0x0a080002));
  at.b.send(QueryPeer{registration(2, 0).edge, registration(1, 0).edge});
  const auto info = at.b.answer<PeerInfo>();
  CHECK(info.socket.endpoint == at.a.machine.inside);
  CHECK(info.preferred == body.socket);
  at.b.send(QueryPeer{registration(2, 0).edge, kNoMac});
  const auto pong = at.b.answer<PeerInfo>();
  CHECK(pong.socket.endpoint == at.b.machine.inside);
  CHECK(pong.load == 2);
}

TEST_CASE("a REGISTER is passed on with where it came from and one hop less") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  at.b.send(registration(2, 0x0a080002));
  at.b.answers.clear();
  Register body;
  body.cookie = Register::kForwarded;
  body.source = registration(1, 0).edge;
  body.destination = registration(2, 0).edge;
  at.a.send(body);
  const auto forwarded = at.b.answer<Register>();
  CHECK(forwarded.socket == Socket{at.a.machine.inside});
  CHECK(at.b.answers[0].ttl == kTtl - 1);
  CHECK((at.b.answers[0].flags & kFromSupernode) != 0);
}

TEST_CASE("a packet is passed on untouched behind its head") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  at.b.send(registration(2, 0x0a080002));
  PacketHead head;
  head.community = *community_of("testnet");
  head.source = registration(1, 0).edge;
  head.destination = registration(2, 0).edge;
  head.transform = 5;
  std::vector<std::uint8_t> bytes(head.size());
  write_head(head, bytes);
  bytes.insert(bytes.end(), {1, 2, 3, 4, 5});
  at.b.others.clear();
  at.a.send(bytes);
  REQUIRE(at.b.others.size() == 1);
  const Bytes got = at.b.others[0];
  const auto passed = read_head(got);
  REQUIRE(passed);
  CHECK(passed->socket == Socket{at.a.machine.inside});
  CHECK(passed->transform == 5);
  CHECK(hex(got.subspan(passed->size())) == "0102030405");
  bytes[1] = 0;  // no hop left
  at.b.others.clear();
  at.a.send(bytes);
  CHECK(at.b.others.empty());
}

TEST_CASE("a storm of broadcast or multicast has an end, and other frames pass beside it") {
  Mac to_all = kEveryone;
  SUBCASE("broadcast") {}
  SUBCASE("multicast of IPv4") {
    to_all = {1, 0, 0x5e, 1, 2, 3};
  }
  SUBCASE("multicast of IPv6") {
    to_all = {0x33, 0x33, 0, 0, 0, 1};
  }
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  at.b.send(registration(2, 0x0a080002));
  PacketHead head;
  head.community = *community_of("testnet");
  head.source = {2, 0, 0, 0, 0, 1};
  head.destination = to_all;
  std::vector<std::uint8_t> packet(head.size() + 60);
  write_head(head, packet);
  at.b.others.clear();
  for (int number = 0; number < 1000; ++number) {
    at.world.net.transmit(at.a.machine, at.super.machine->inside, packet);
  }
  at.world.net.run(milliseconds(100));
  CHECK(at.b.others.size() >= static_cast<std::size_t>(kFloodBurst));
  CHECK(at.b.others.size() <= static_cast<std::size_t>(kFloodBurst + kFloodRate));
  CHECK(at.super.node->counters().dropped(Drop::kStorm) == 1000 - at.b.others.size());
  at.b.others.clear();
  head.destination = {2, 0, 0, 0, 0, 2};
  write_head(head, packet);
  at.a.send(packet);
  CHECK(at.b.others.size() == 1);
}

TEST_CASE("who is not registered is asked to, and its packets go nowhere") {
  Fixture at;
  at.b.send(registration(2, 0x0a080002));
  at.a.send(QueryPeer{registration(1, 0).edge, registration(2, 0).edge});
  at.a.answer<ReRegisterSuper>();
  CHECK(at.super.node->counters().dropped(Drop::kUnknownSender) == 1);
}

TEST_CASE("communities do not see each other, and unknown ones are not served") {
  Fixture at;
  at.a.send(registration(1, 0x0a080001));
  at.b.send(encode({kTtl, 0, *community_of("another"), registration(2, 0x0a090002)}));
  at.b.send(encode({kTtl, 0, *community_of("another"),
                    QueryPeer{registration(2, 0).edge, registration(1, 0).edge}}));
  CHECK(at.b.answers.empty());
  at.b.send(encode({kTtl, 0, *community_of("nobody's"), registration(2, 0x0a090002)}));
  CHECK(at.b.answers.empty());
  CHECK(at.super.node->counters().dropped(Drop::kUnknownCommunity) == 1);
}

TEST_CASE("a community whose edges encrypt headers takes no clear datagram") {
  Fixture at;
  at.world.encrypted_header = true;
  at.world.add_edge("e");
  REQUIRE(at.world.settle());
  at.b.send(registration(2, 0x0a080002));
  CHECK(at.b.answers.empty());
  CHECK(at.super.node->edges().size() == 1);
}

TEST_CASE("a name too long, a name twice") {
  Fixture at;
  CHECK_FALSE(at.super.node->add({std::string(20, 'x'), std::nullopt, {}}));
  CHECK_FALSE(at.super.node->add({"testnet", std::nullopt, {}}));
}

}  // namespace
}  // namespace marvel::vpn::n2n
