#include "vpn/n2n/edge.hpp"

#include "vpn/n2n/world.hpp"
#include "vpn/offload/packets.hpp"

namespace marvel::vpn::n2n {
namespace {

using sim::NatKind;

TEST_CASE("edges get addresses, talk over the super node and then directly") {
  for (const Cipher cipher : {Cipher::kNull, Cipher::kAes, Cipher::kChaCha20, Cipher::kSpeck}) {
    for (const bool encrypted : {false, true}) {
      CAPTURE(cipher_name(cipher));
      CAPTURE(encrypted);
      World world(1);
      world.cipher = cipher;
      world.encrypted_header = encrypted;
      auto& super = world.add_supernode();
      auto& a = world.add_edge("a");
      auto& b = world.add_edge("b");
      REQUIRE(world.settle());
      CHECK(a.edge->address() != b.edge->address());
      CHECK(Subnet{0x0a080000, 24}.is_host(a.edge->address()));
      world.say(a, b, "hello");
      world.net.run(milliseconds(100));
      CHECK(b.machine->heard() == std::vector<std::string>{"hello"});
      CHECK(super.node->counters().relayed > 0);
      CHECK(world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(2)));
      const auto relayed = super.node->counters().relayed;
      world.say(b, a, "hello back");
      world.net.run(milliseconds(100));
      CHECK(a.machine->heard() == std::vector<std::string>{"hello back"});
      CHECK(super.node->counters().relayed == relayed);
    }
  }
}

TEST_CASE("a node whose clock was wrong at its start is heard once the calendar is set") {
  World world(1);
  world.encrypted_header = true;
  auto& super = world.add_supernode();
  super.node->set_calendar(0);
  auto made = world.options("a");
  made.unix_ns_at_zero = sim::kToday;
  auto& a = world.add_edge(made);
  world.net.run(seconds(3));
  CHECK_FALSE(a.edge->link().registered);
  super.node->set_calendar(sim::kToday);
  CHECK(world.settle());
  made = world.options("b");
  made.unix_ns_at_zero = 0;
  auto& b = world.add_edge(made);
  world.net.run(seconds(3));
  CHECK_FALSE(b.edge->link().registered);
  b.edge->set_calendar(sim::kToday);
  CHECK(world.settle());
}

TEST_CASE("through every pair of NATs frames arrive, and directly where that can be") {
  constexpr std::array kKinds{NatKind::kNone, NatKind::kFullCone, NatKind::kRestricted,
                              NatKind::kPortRestricted, NatKind::kSymmetric};
  for (const NatKind one : kKinds) {
    for (const NatKind other : kKinds) {
      for (const bool encrypted : {false, true}) {
        CAPTURE(nat_name(one));
        CAPTURE(nat_name(other));
        World world(7);
        world.encrypted_header = encrypted;
        world.add_supernode();
        auto& a = world.add_edge("a", one);
        auto& b = world.add_edge("b", other);
        REQUIRE(world.settle());
        CHECK(world.reaches(a, b, "there", seconds(1)));
        CHECK(world.reaches(b, a, "back", seconds(1)));
        const auto hard = [](NatKind kind) {
          return kind == NatKind::kSymmetric || kind == NatKind::kPortRestricted;
        };
        const bool hopeless = hard(one) && hard(other) &&
                              (one == NatKind::kSymmetric || other == NatKind::kSymmetric);
        const bool direct =
            world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(4));
        CHECK(direct == !hopeless);
        CHECK(world.reaches(a, b, "again", seconds(1)));
      }
    }
  }
}

TEST_CASE("over wires that lose, double and swap, everything that matters comes through") {
  for (std::uint64_t seed = 0; seed < seeds(40); ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.encrypted_header = seed % 2 == 0;
    world.net.wire = {.loss = 0.1,
                      .twice = 0.05,
                      .damage = 0.02,
                      .shortest = milliseconds(1),
                      .longest = milliseconds(60)};
    world.add_supernode();
    auto& a = world.add_edge("a", NatKind::kPortRestricted);
    auto& b = world.add_edge("b", NatKind::kRestricted);
    REQUIRE(world.net.run_until(
        [&] { return a.edge->link().registered && b.edge->link().registered; }, seconds(20)));
    CHECK(world.reaches(a, b, "there", seconds(5)));
    CHECK(world.reaches(b, a, "back", seconds(5)));
  }
}

TEST_CASE("a path that dies is replaced by the super node within six seconds") {
  World world(3);
  world.add_supernode();
  auto& a = world.add_edge("a", NatKind::kPortRestricted);
  auto& b = world.add_edge("b", NatKind::kPortRestricted);
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "first", seconds(1)));
  REQUIRE(world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(3)));
  // Probes go each three seconds while frames flow; then 1.6 s without an answer end the path.
  a.machine->nat->renumber(0xcb007163);
  CHECK(world.reaches(b, a, "after", seconds(6)));
}

TEST_CASE("an edge that comes back keeps its address, and is not refused") {
  World world(4);
  world.add_supernode();
  auto made = world.options("a");
  auto& a = world.add_edge(made);
  REQUIRE(world.settle());
  const Ipv4 before = a.edge->address();
  world.start(a, made);
  REQUIRE(world.settle());
  CHECK(a.edge->address() == before);
}

TEST_CASE("when a super node falls silent the next one is taken") {
  World world(5);
  auto& first = world.add_supernode();
  world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  first.machine->on = false;
  world.net.run(seconds(8));
  REQUIRE(world.settle());
  CHECK(a.edge->link().number == 1);
  CHECK(world.reaches(a, b, "by the other one", seconds(1)));
}

TEST_CASE("other super nodes take the place of those before, while paths and the address stay") {
  World world(15);
  auto& first = world.add_supernode();
  auto& second = world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "before", seconds(1)));
  world.net.run(seconds(1));
  const Ipv4 address = a.edge->address();
  REQUIRE(a.direct_to(b));
  a.edge->change(world.net.now(), {{second.machine->inside}, true});
  CHECK_FALSE(a.edge->link().registered);
  CHECK(a.direct_to(b));
  world.net.run(seconds(2));
  CHECK(a.edge->link().registered);
  CHECK(a.edge->supernode() == second.machine->inside);
  CHECK(a.edge->address() == address);
  CHECK(a.edge->options().multicast);
  CHECK(first.node->counters().dropped(Drop::kMalformed) == 0);
  // The same one under another number is not left.
  a.edge->change(world.net.now(), {{first.machine->inside, second.machine->inside}, false});
  CHECK(a.edge->link().registered);
  CHECK(a.edge->supernode() == second.machine->inside);
}

TEST_CASE("after a restart of the super node edges are back at their first frame") {
  World world(6);
  world.encrypted_header = true;
  auto& super = world.add_supernode();
  auto& a = world.add_edge("a", NatKind::kSymmetric);
  auto& b = world.add_edge("b", NatKind::kSymmetric);
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "before", seconds(1)));
  world.start(super);
  world.say(b, a, "lost, but it makes b register");
  CHECK(world.reaches(a, b, "after", seconds(1)));
}

TEST_CASE("a fixed address is kept") {
  World world(8);
  world.add_supernode();
  auto made = world.options("a");
  made.wanted = 0x0a080007;
  auto& a = world.add_edge(made);
  REQUIRE(world.settle());
  CHECK(a.edge->address() == 0x0a080007);
  CHECK(world.supernodes[0]->node->edges().at(0).address == 0x0a080007);
}

TEST_CASE("broadcast reaches everybody, multicast and foreign addresses nobody") {
  World world(9);
  world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  auto& c = world.add_edge("c");
  REQUIRE(world.settle());
  const auto send = [&](const Mac& to, Ipv4 destination, Ipv4 source) {
    a.edge->frame(world.net.now(), sim::text_frame(to, a.mac(), destination, source, "x"), {});
    world.net.run(milliseconds(100));
    return b.machine->heard().size() + c.machine->heard().size();
  };
  CHECK(send(kEveryone, 0x0a0800ff, a.edge->address()) == 2);
  CHECK(send({1, 0, 0x5e, 0, 0, 0xfb}, 0xe00000fb, a.edge->address()) == 0);
  CHECK(a.edge->counters().dropped(Drop::kMulticast) == 1);
  CHECK(send(b.mac(), b.edge->address(), 0x01020304) == 0);
  CHECK(a.edge->counters().dropped(Drop::kRouted) == 1);
  CHECK(send(b.mac(), 0x01020304, a.edge->address()) == 0);
  CHECK(b.edge->counters().dropped(Drop::kRouted) == 1);
}

TEST_CASE("multicast reaches those that ask for it, from those that ask for it") {
  World world(15);
  world.add_supernode();
  auto made = world.options("a");
  made.multicast = true;
  auto& a = world.add_edge(made);
  made = world.options("b");
  made.multicast = true;
  auto& b = world.add_edge(made);
  auto& c = world.add_edge("c");
  REQUIRE(world.settle());
  for (const Mac& group : {Mac{1, 0, 0x5e, 0, 0, 0xfb}, Mac{0x33, 0x33, 0, 0, 0, 1}}) {
    a.edge->frame(world.net.now(),
                  sim::text_frame(group, a.mac(), 0xe00000fb, a.edge->address(), "x"), {});
    world.net.run(milliseconds(100));
    CHECK(b.machine->heard() == std::vector<std::string>{"x"});
    CHECK(c.machine->heard().empty());
  }
  CHECK(c.edge->counters().dropped(Drop::kMulticast) == 2);
}

TEST_CASE("another key or cipher is noticed and counted") {
  World world(10);
  world.add_supernode();
  auto& a = world.add_edge("a");
  auto wrong_key = world.options("b");
  wrong_key.key = "another";
  auto& b = world.add_edge(wrong_key);
  auto other_cipher = world.options("c");
  other_cipher.cipher = Cipher::kAes;
  auto& c = world.add_edge(other_cipher);
  REQUIRE(world.settle());
  CHECK_FALSE(world.reaches(a, b, "x", milliseconds(500)));
  CHECK_FALSE(world.reaches(a, c, "x", milliseconds(500)));
  CHECK(b.edge->counters().dropped(Drop::kOtherKey) > 0);
  CHECK(c.edge->counters().dropped(Drop::kOtherCipher) > 0);
}

TEST_CASE("with encrypted headers a packet that is repeated later is refused") {
  World world(11);
  world.encrypted_header = true;
  world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "x", seconds(1)));
  REQUIRE(world.net.run_until([&] { return a.direct_to(b) && b.direct_to(a); }, seconds(3)));
  std::vector<std::uint8_t> recorded;
  world.net.observer = [&](const Endpoint& from, const Endpoint& /*to*/, Bytes bytes) {
    if (from == a.machine->inside && recorded.empty()) {
      recorded.assign(bytes.begin(), bytes.end());
    }
  };
  world.say(a, b, "once");
  world.net.run(milliseconds(200));
  REQUIRE_FALSE(recorded.empty());
  world.say(a, b, "newer");
  world.net.run(seconds(1));
  b.machine->heard();
  world.net.inject(a.machine->inside, b.machine->inside, recorded);
  world.net.run(milliseconds(100));
  CHECK(b.machine->heard().empty());
  CHECK(b.edge->counters().dropped(Drop::kReplayed) == 1);
}

// A frame of n2n's own program: gratuitous ARP of 10.98.0.1.
TEST_CASE("a recorded packet of n2n is delivered") {
  World world(12);
  auto& super = world.add_supernode();
  auto& a = world.add_edge("a");
  REQUIRE(world.settle());
  const auto packet = unhexed(
      "03020003746573746e657400000000000000000000000000e6b7cf7b2cb5ffffffffffff0105506f2fe2a429a7ba"
      "ff089ff78459a4a84204c8e9e73684059d4cd91eafd8ebf3057dd6f24961e84d312e124c68bc6203986c6637a423"
      "e19708a1");
  world.net.inject(super.machine->inside, a.machine->inside, packet);
  world.net.run(milliseconds(50));
  CHECK(a.machine->arp.at(0x0a620001) == Mac{0xe6, 0xb7, 0xcf, 0x7b, 0x2c, 0xb5});
}

// As n2n's option -z1 sends it: a run of as many bytes as the frame has, and the end of the stream.
TEST_CASE("a frame that was packed with LZO is delivered, and a damaged one counted") {
  World world(14);
  world.cipher = Cipher::kNull;
  auto& super = world.add_supernode();
  auto& a = world.add_edge("a");
  REQUIRE(world.settle());
  const Mac sender{2, 0, 0, 0, 0, 9};
  const auto frame = sim::text_frame(a.mac(), sender, a.edge->address(), 0x0a080009, "packed");
  PacketHead head;
  head.community = *community_of("testnet");
  head.source = sender;
  head.destination = a.mac();
  head.compression = kLzo;
  head.transform = static_cast<std::uint8_t>(Cipher::kNull);
  std::vector<std::uint8_t> packet(head.size());
  write_head(head, packet);
  packet.push_back(static_cast<std::uint8_t>(frame.size() + 17));
  packet.insert(packet.end(), frame.begin(), frame.end());
  packet.insert(packet.end(), {0x11, 0, 0});
  world.net.inject(super.machine->inside, a.machine->inside, packet);
  packet.pop_back();
  world.net.inject(super.machine->inside, a.machine->inside, packet);
  world.net.run(milliseconds(50));
  CHECK(a.machine->heard() == std::vector<std::string>{"packed"});
  CHECK(a.edge->counters().dropped(Drop::kPacked) == 1);
}

TEST_CASE("nobody takes a path over with an answer to what was not asked") {
  World world(16);
  world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "hello", seconds(1)));
  world.net.run(seconds(1));
  REQUIRE(a.direct_to(b));
  const Endpoint thief = Endpoint::from_ipv4(0xcb007101, 7);
  const Community community = *community_of("testnet");
  Register body;
  body.cookie = Register::kDirect;
  body.source = b.mac();
  body.destination = a.mac();
  world.net.inject(thief, a.machine->inside, encode({kTtl, 0, community, body}));
  const RegisterAck answer{0xffffffff, a.mac(), b.mac(), std::nullopt};
  world.net.inject(thief, a.machine->inside, encode({kTtl, 0, community, answer}));
  world.net.run(milliseconds(50));
  CHECK(a.edge->peers().at(b.mac()).path == b.machine->inside);
}

TEST_CASE("what says that it is from a super node comes from one") {
  World world(13);
  world.add_supernode();
  auto& a = world.add_edge("a");
  REQUIRE(world.settle());
  PeerInfo info;
  info.source = a.mac();
  info.peer = {2, 0, 0, 0, 0, 9};
  const auto bytes = encode({kTtl, kFromSupernode, *community_of("testnet"), info});
  world.net.inject(Endpoint::from_ipv4(0xcb007101, 7), a.machine->inside, bytes);
  world.net.run(milliseconds(50));
  CHECK(a.edge->counters().dropped(Drop::kUnknownSender) == 1);
}

// What a kernel with offloads hands over leaves as packets with complete checksums.
TEST_CASE("big frames are cut and their checksums completed") {
  World world(14);
  world.cipher = Cipher::kNull;
  world.add_supernode();
  auto made = world.options("a");
  made.wanted = 0x0a080001;  // the source in tcp_frame
  auto& a = world.add_edge(made);
  REQUIRE(world.settle());
  std::vector<std::vector<std::uint8_t>> sent;
  world.net.observer = [&](const Endpoint& from, const Endpoint& /*to*/, Bytes bytes) {
    const auto head = read_head(bytes);
    if (head && head->destination != kEveryone && from == a.machine->inside) {
      const Bytes frame = bytes.subspan(head->size());
      sent.emplace_back(frame.begin(), frame.end());
    }
  };
  a.edge->frame(world.net.now(), tcp_frame(3000, 1), {FrameInfo::Kind::kTcp, 1000, kTcpPartial});
  world.net.run(milliseconds(50));
  REQUIRE(sent.size() == 3);
  for (const auto& frame : sent) {
    CHECK(ip_checksum_is_right(frame));
    CHECK(checksum_fold(checksum_add(pseudo_sum(frame, kTcpAt), Bytes(frame).subspan(kTcpAt))) ==
          0xffff);
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
