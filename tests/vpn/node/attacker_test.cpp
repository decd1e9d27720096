// What an observer of the wire, a super node and an expelled member can and cannot do, as far as no
// other test has it: docs/design/007-vpn.md has the list.
#include "vpn/node/certified.hpp"
#include "vpn/wire/beacon.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

using namespace sim;

constexpr Ipv4 kVictim = 0x0a080042;

// All datagrams since `watch`, whoever sent them.
struct Recorder {
  struct Packet {
    Endpoint from;
    Endpoint to;
    std::vector<std::uint8_t> bytes;
  };
  explicit Recorder(Net& net) {
    net.observer = [this](const Endpoint& from, const Endpoint& to, Bytes bytes) {
      packets.push_back({from, to, {bytes.begin(), bytes.end()}});
    };
  }
  // Whether these bytes stand in any datagram, in either order.
  [[nodiscard]] bool saw(Bytes what) const {
    std::vector<std::uint8_t> turned(what.rbegin(), what.rend());
    return std::any_of(packets.begin(), packets.end(), [&](const Packet& one) {
      return !std::ranges::search(one.bytes, what).empty() ||
             !std::ranges::search(one.bytes, turned).empty();
    });
  }

  std::vector<Packet> packets;
};

void talk(Net& net, Machine& a, Machine& b, int times) {
  for (int at = 0; at < times; ++at) {
    a.say(b, "ping");
    b.say(a, "pong");
    net.run(milliseconds(100));
  }
}

}  // namespace

TEST_CASE("an observer learns no name, no key and no inner address of a node") {
  World world(1300);
  const Recorder recorder(world.net);
  world.add_supernode();
  Machine& a = world.add_edge("camera-of-hall", NatKind::kSymmetric);
  Machine& b = world.add_edge("server-of-hall", NatKind::kSymmetric);
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, b, 20);
  REQUIRE_FALSE(b.heard().empty());
  REQUIRE(recorder.packets.size() > 50);
  for (const Machine* const one : {&a, &b}) {
    CHECK_FALSE(recorder.saw(bytes_of(one->edge->name())));
    CHECK_FALSE(recorder.saw(one->edge->public_key()));
    CHECK_FALSE(recorder.saw(one->edge->mac()));
    CHECK_FALSE(recorder.saw(one->edge->ipv6()));
  }
  CHECK_FALSE(recorder.saw(bytes_of("grn")));
  // What it does see of a relayed pair: that both talk to the super node, and the id by which the
  // super node finds the other one.
  CHECK(recorder.saw(node_id(b.edge->public_key())));
}

TEST_CASE("what was recorded opens nothing once both sides have forgotten their session") {
  World world(1301);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  Recorder recorder(world.net);
  talk(world.net, a, b, 20);
  world.net.observer = nullptr;
  // b with the same static keys, as one who took them later.
  world.start_edge(b, "b", 1001);
  world.net.run(seconds(1));
  b.heard();
  for (const auto& packet : recorder.packets) {
    if (packet.to == b.inside) {
      world.net.inject(packet.from, packet.to, packet.bytes);
    }
  }
  world.net.run(seconds(1));
  CHECK(b.heard().empty());
}

TEST_CASE("a super node that changes what it relays is noticed, and nothing wrong is delivered") {
  World world(1302);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a", NatKind::kSymmetric);
  Machine& b = world.add_edge("b", NatKind::kSymmetric);
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, b, 5);
  b.heard();
  Recorder recorder(world.net);
  a.say(b, "true");
  world.net.run(milliseconds(100));
  world.net.observer = nullptr;
  CHECK(b.heard() == std::vector<std::string>{"true"});
  const auto before = b.edge->counters().dropped(Drop::kForged);
  for (const auto& packet : recorder.packets) {
    if (packet.from == supernode.inside && packet.bytes.size() > 80) {
      auto changed = packet.bytes;
      changed[changed.size() / 2] ^= 1;
      world.net.inject(packet.from, packet.to, changed);
    }
  }
  world.net.run(milliseconds(100));
  CHECK(b.heard().empty());
  CHECK(b.edge->counters().dropped(Drop::kForged) > before);
}

TEST_CASE("a super node that gives a member another one's address brings it no frame") {
  Certified world(1303, true);
  Machine& a = world.add("a", 1);
  Certificate certificate;
  certificate.name = "thief";
  certificate.addresses = {{0x0a080099, 32}};  // not the victim's
  Machine& thief = world.add("thief", 2, certificate, world.authority, kVictim);
  world.net.run(seconds(2));
  REQUIRE(a.edge->address() != 0);
  REQUIRE(thief.edge->address() == kVictim);  // the super node lies
  for (int at = 0; at < 20; ++at) {
    a.say(thief, "for the victim's eyes");
    world.net.run(milliseconds(200));
  }
  CHECK(thief.heard().empty());
  CHECK(a.edge->counters().dropped(Drop::kSpoofed) > 0);
  // Nor is the thief heard from there.
  for (int at = 0; at < 20; ++at) {
    thief.say(a, "I am the victim");
    world.net.run(milliseconds(200));
  }
  CHECK(a.heard().empty());
}

namespace {

// A neighbour advertisement that says: `about` has my Ethernet address, whatever you knew before.
std::vector<std::uint8_t> advertisement(const Machine& from, const Machine& to, const Ipv6& about) {
  return neighbour_answer({to.edge->mac(), to.edge->ipv6(), about}, from.edge->mac());
}

// From the member's own address, as its edge demands, with a checksum that a kernel takes.
std::vector<std::uint8_t> own_advertisement(const Machine& from, const Machine& to,
                                            const Ipv6& about) {
  auto frame = advertisement(from, to, about);
  const Ipv6 own = from.edge->ipv6();
  std::copy(own.begin(), own.end(), frame.begin() + 22);
  frame[kEthernet + kIpv6Header + 2] = frame[kEthernet + kIpv6Header + 3] = 0;
  const Bytes all = frame;
  const auto sum = checksum_add(checksum_add(32 + 58, all.subspan(22, 32)), all.subspan(54));
  store_be16(frame.data() + 56, static_cast<std::uint16_t>(~checksum_fold(sum)));
  return frame;
}

// With destination options in between, or as a fragment that is all there is.
std::vector<std::uint8_t> behind(std::vector<std::uint8_t> frame, std::uint8_t header) {
  constexpr std::size_t kTransport = kEthernet + kIpv6Header;
  const std::uint8_t next = frame[kEthernet + 6];
  frame[kEthernet + 6] = header;
  store_be16(frame.data() + kEthernet + 4,
             static_cast<std::uint16_t>(frame.size() + 8 - kTransport));
  frame.insert(frame.begin() + kTransport, 8, 0);
  frame[kTransport] = next;
  return frame;
}

// What `from` would send if its own edge did not watch it.
void send_unwatched(World& world, Machine& from, Machine& to,
                    const std::vector<std::uint8_t>& frame, const SealedHeader& header = {}) {
  Channel& channel = from.edge->peers().at(to.edge->public_key())->channel;
  std::vector<std::uint8_t> datagram(kHeaderSize + frame.size() + kTagSize);
  std::copy(frame.begin(), frame.end(), datagram.begin() + kHeaderSize);
  REQUIRE(channel.seal(world.net.now(), header, datagram));
  world.net.inject(from.inside, to.inside, datagram);
  world.net.run(milliseconds(100));
}

}  // namespace

TEST_CASE("a member cannot change whom another machine believes to have an IPv6 address") {
  World world(1306);
  world.adjust = [](EdgeOptions& options) { options.multicast = true; };
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  Machine& thief = world.add_edge("thief");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, b, 5);
  talk(world.net, a, thief, 5);
  a.frames.clear();
  const auto lie = own_advertisement(thief, a, b.edge->ipv6());
  std::vector<std::uint8_t> to_all = lie;
  std::fill_n(to_all.begin(), 2, std::uint8_t{0x33});
  for (const auto& frame : {lie, behind(lie, 0), behind(lie, 60), behind(lie, 44), to_all}) {
    send_unwatched(world, thief, a, frame);
  }
  CHECK(a.frames.empty());
  CHECK(a.edge->counters().dropped(Drop::kNotCarried) == 5);
}

TEST_CASE("a machine that believes a lie of Ethernet addresses brings the liar no frame") {
  World world(1307);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  Machine& thief = world.add_edge("thief");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, b, 5);
  talk(world.net, a, thief, 5);
  thief.frames.clear();
  const auto sent = a.edge->counters().frames_sent;
  std::vector<std::uint8_t> frame(kEthernet + kIpv6Header + 8);
  const Mac to = thief.edge->mac();
  const Mac from = a.edge->mac();
  const Ipv6 source = a.edge->ipv6();
  const Ipv6 target = b.edge->ipv6();
  std::copy(to.begin(), to.end(), frame.begin());
  std::copy(from.begin(), from.end(), frame.begin() + 6);
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[kEthernet] = 0x60;
  frame[kEthernet + 6] = 253;
  std::copy(source.begin(), source.end(), frame.begin() + 22);
  std::copy(target.begin(), target.end(), frame.begin() + 38);
  a.edge->frame(world.net.now(), frame, {});
  world.net.run(milliseconds(100));
  CHECK(a.edge->counters().frames_sent == sent);
  CHECK(a.edge->counters().dropped(Drop::kSpoofed) == 1);
}

namespace {

// An IPv6 packet for a machine elsewhere, in a frame for all.
std::vector<std::uint8_t> broadcast_to(const Machine& from, std::uint8_t first_of_destination) {
  std::vector<std::uint8_t> frame(kEthernet + kIpv6Header + 8);
  const Mac mac = from.edge->mac();
  const Ipv6 own = from.edge->ipv6();
  std::fill_n(frame.begin(), mac.size(), std::uint8_t{0xff});
  std::copy(mac.begin(), mac.end(), frame.begin() + 6);
  store_be16(frame.data() + 12, kTypeIpv6);
  frame[kEthernet] = 0x60;
  frame[kEthernet + 6] = 253;
  std::copy(own.begin(), own.end(), frame.begin() + 22);
  frame[38] = first_of_destination;
  frame[53] = 1;
  return frame;
}

}  // namespace

TEST_CASE("an IPv6 packet for one machine does not travel in a frame for all") {
  World world(1312);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& thief = world.add_edge("thief");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, thief, 5);
  a.frames.clear();
  const auto to_one = broadcast_to(thief, 0x20);
  const auto to_all = broadcast_to(thief, 0xff);
  const auto sent = thief.edge->counters().frames_sent;
  thief.edge->frame(world.net.now(), to_one, {});
  CHECK(thief.edge->counters().frames_sent == sent);
  send_unwatched(world, thief, a, to_one);
  CHECK(a.frames.empty());
  CHECK(a.edge->counters().dropped(Drop::kNotCarried) == 1);
  send_unwatched(world, thief, a, to_all);
  CHECK(a.frames.size() == 1);
}

TEST_CASE("a member cannot make a kernel write into headers that have been judged") {
  World world(1313);
  world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& thief = world.add_edge("thief");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  talk(world.net, a, thief, 5);
  a.frames.clear();
  auto frame = text_frame(a.edge->mac(), thief.edge->mac(), a.address(), thief.address(),
                          std::string(100, 'x'));
  frame[kEthernet + 9] = 6;
  SealedHeader header;
  header.flags = kFlagChecksum;
  for (const auto& [start, offset] : {std::pair{34, 2}, {34, 0}, {14, 12}}) {
    header.checksum_start = static_cast<std::uint8_t>(start);
    header.checksum_offset = static_cast<std::uint8_t>(offset);
    send_unwatched(world, thief, a, frame, header);
  }
  CHECK(a.frames.empty());
  CHECK(a.edge->counters().dropped(Drop::kMalformed) == 3);
  header.checksum_start = 34;
  header.checksum_offset = 16;
  send_unwatched(world, thief, a, frame, header);
  CHECK(a.frames.size() == 1);
}

TEST_CASE("an expelled member hears nothing of what is said after that, broadcast included") {
  Certified world(1304);
  Machine& a = world.add("a", 1);
  Machine& b = world.add("b", 2);
  Machine& spy = world.add("spy", 5);
  world.net.run(seconds(2));
  talk(world.net, a, b, 10);
  talk(world.net, a, spy, 10);
  REQUIRE_FALSE(spy.heard().empty());
  world.revoked.serials = {5};
  for (Machine* const one : {&a, &b}) {
    Membership now = world.membership();
    Certificate own;
    own.name = one->edge->name();
    own.community = now.community;
    own.key = one->edge->public_key();
    own.not_after = kToday / 1'000'000'000U + 1000;
    own.serial = one == &a ? 1 : 2;
    now.certificate = issue(own, world.authority);
    Membership towards_supernodes = now;
    towards_supernodes.authority.reset();
    one->edge->set_membership(now, towards_supernodes);
  }
  world.net.run(seconds(1));
  spy.heard();
  b.heard();
  const std::string secret = "not for spies";
  const Mac everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  for (int at = 0; at < 30; ++at) {
    a.say(b, secret);
    a.say(spy, secret);
    a.edge->frame(world.net.now(),
                  text_frame(everybody, a.edge->mac(), 0xffffffff, a.address(), secret), {});
    spy.say(a, "still here");
    world.net.run(milliseconds(100));
  }
  CHECK(spy.heard().empty());
  CHECK_FALSE(b.heard().empty());
  const auto texts = a.heard();
  CHECK(std::find(texts.begin(), texts.end(), "still here") == texts.end());
}

TEST_CASE("with certificates an expelled member can still open beacons, and gets no further") {
  Certified world(1305);
  world.revoked.serials = {5};
  Machine& a = world.add("a", 1);
  Machine& spy = world.add("spy", 5);
  world.net.run(seconds(2));
  const auto beacon = a.edge->beacon(world.net.now());
  CHECK(open_beacon(beacon_key(world.membership()), beacon));
  spy.edge->on_beacon(world.net.now(), beacon);
  a.edge->on_beacon(world.net.now(), spy.edge->beacon(world.net.now()));
  for (int at = 0; at < 20; ++at) {
    spy.say(a, "let me in");
    world.net.run(milliseconds(200));
  }
  CHECK(a.heard().empty());
}

namespace {

// Datagrams that went from one place to another.
struct Counted {
  Counted(Net& net, const Endpoint& source, const Endpoint& target) {
    net.observer = [this, source, target](const Endpoint& from, const Endpoint& to, Bytes) {
      count += from == source && to == target ? 1 : 0;
    };
  }
  int count = 0;
};

}  // namespace

TEST_CASE("beacons of members that are not there cost an edge nothing that it needs") {
  World world(1308);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  Membership member;
  member.community = world.keys.community;
  member.psk = world.keys.member;
  const Secret key = beacon_key(member);
  SeededRandom random(1308);
  const Counted asked(world.net, a.inside, supernode.inside);
  a.told.clear();
  for (std::uint64_t at = 0; at < 2000; ++at) {
    PeerInfo made_up;
    random.fill(made_up.key);
    made_up.name = "nobody";
    made_up.address = 0x0a0800c8;
    a.edge->on_beacon(world.net.now(),
                      seal_beacon(key, random, {kToday / 1'000'000'000U, made_up}));
    if (at % 10 == 0) {
      world.net.run(kTick);
    }
  }
  CHECK(a.told.empty());  // the super node answers all the time
  CHECK(asked.count < 150);
  talk(world.net, a, b, 5);
  CHECK_FALSE(b.heard().empty());
}

TEST_CASE("frames to nobody make an edge ask a few times, and not each time") {
  World world(1309);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  Machine& b = world.add_edge("b");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  const Counted asked(world.net, a.inside, supernode.inside);
  for (int at = 0; at < 5000; ++at) {
    const Mac nobody{2, 0, 0, 0, 0, static_cast<std::uint8_t>(at)};
    a.edge->frame(world.net.now(), text_frame(nobody, a.edge->mac(), 0x0a0800c8, a.address(), "x"),
                  {});
    if (at % 50 == 0) {
      world.net.run(kTick);
    }
  }
  CHECK(asked.count < 100);
  talk(world.net, a, b, 5);
  CHECK_FALSE(b.heard().empty());
}

TEST_CASE("a super node answers the probes of an edge that asks too much") {
  World world(1310);
  Machine& supernode = world.add_supernode();
  Machine& a = world.add_edge("a");
  world.add_edge("b");
  REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
  Channel& channel = a.edge->links()[0]->channel;
  const auto text = encode(Find{0x0a0800c8, {}});
  a.told.clear();
  for (int at = 0; at < 10'000; ++at) {
    std::vector<std::uint8_t> datagram(kHeaderSize + text.size() + kTagSize);
    std::copy(text.begin(), text.end(), datagram.begin() + kHeaderSize);
    SealedHeader header;
    header.flags = kFlagControl;
    REQUIRE(channel.seal(world.net.now(), header, datagram));
    world.net.inject(a.inside, supernode.inside, datagram);
    if (at % 50 == 0) {
      world.net.run(kTick);
    }
  }
  CHECK(supernode.supernode->counters().dropped(Drop::kLimited) > 5000);
  CHECK(a.told.empty());
}

namespace {

// A first message of somebody who knows no secret of the community, but `to`'s key.
std::vector<std::uint8_t> call_of_stranger(Net& net, const Machine& to) {
  IndexTable indices;
  ChannelOwner owner;
  Home home{make_identity(4712), {}, net.random, indices, kToday};
  Channel channel(home, to.edge->public_key(), owner);
  return channel.initiate(net.now());
}

// `from` sends it 5000 times a second, evenly, for two seconds, while a says something to b.
void talk_under(Net& net, Machine& a, Machine& b, Machine& from, const Endpoint& to, Bytes flood) {
  net.wire.shortest = milliseconds(1);
  net.wire.longest = kTick;
  for (int step = 0; step < 40; ++step) {
    for (int at = 0; at < 250; ++at) {
      net.transmit(from, to, flood);
    }
    if (step % 2 == 0) {
      a.say(b, "in spite of all");
    }
    net.run(kTick);
  }
}

}  // namespace

TEST_CASE("a flood of handshakes from one place keeps no member out, relayed or direct") {
  for (const bool relayed : {true, false}) {
    CAPTURE(relayed);
    World world(1311);
    Machine& supernode = world.add_supernode();
    Machine& a = world.add_edge("a");
    Machine& b = world.add_edge("b");
    REQUIRE(world.net.run_until([&] { return world.settled(); }, seconds(10)));
    if (!relayed) {
      supernode.on = false;
      world.net.run(seconds(5));
      a.edge->on_beacon(world.net.now(), b.edge->beacon(world.net.now()));
      b.edge->on_beacon(world.net.now(), a.edge->beacon(world.net.now()));
    }
    const auto call = call_of_stranger(world.net, b);
    std::size_t answered = 0;
    Machine& stranger = world.net.machine(0xcb0071fe);
    world.net.observer = [&](const Endpoint&, const Endpoint& to, Bytes bytes) {
      answered += to == stranger.inside ? bytes.size() : 0;
    };
    talk_under(world.net, a, b, stranger, b.inside, call);
    CHECK_FALSE(b.heard().empty());
    CHECK(answered < 10'000 * call.size());
  }
}

TEST_CASE("an expelled member keeps no member out by handshakes over the relay") {
  Certified world(1312);
  world.revoked.serials = {5};
  Machine& a = world.add("a", 1);
  Machine& b = world.add("b", 2);
  Machine& spy = world.add("spy", 5);
  world.net.run(seconds(2));
  const Session& hop = *spy.edge->links()[0]->channel.current();
  const auto call = call_of_stranger(world.net, b);
  std::vector<std::uint8_t> datagram(kEnvelopeSize + call.size());
  std::copy(call.begin(), call.end(), datagram.begin() + kEnvelopeSize);
  write_envelope({hop.facts().remote, node_id(b.edge->public_key())}, hop.hop_send(), datagram);
  talk_under(world.net, a, b, spy, world.machine->inside, datagram);
  CHECK(b.edge->counters().dropped(Drop::kLimited) > 1000);
  CHECK_FALSE(b.heard().empty());
}

}  // namespace marvel::vpn
