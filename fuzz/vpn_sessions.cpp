// What those may say who have a session: members and super nodes to an edge, edges to a super node.
// The input is cut into pieces with two bytes in front of each, which say how it is dressed: sealed
// as control message or frame, inside an envelope, as a beacon, or as a frame of the machine.
#include "fuzz/check.hpp"
#include "fuzz/vpn_support.hpp"
#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"
#include "vpn/wire/beacon.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace marvel::vpn;

constexpr Ipv4 kEdgeAddress = 0x0a080005;
constexpr Ipv4 kMemberAddress = 0x0a080006;
constexpr std::size_t kLargestAnswer = 4096;
const Endpoint kEdgePlace = Endpoint::from_ipv4(0xc0000201, 4194);
const Endpoint kMemberPlace = Endpoint::from_ipv4(0xc0000202, 4194);
const Endpoint kSupernodePlace = Endpoint::from_ipv4(0xc0000203, 4194);

KeyPairX key_of(std::uint8_t number) {
  return KeyPairX::from(Secret(Block<32>{0, number}));  // the first bits of a secret are not used
}

// The other side of a session, which says what the input wants.
class Party {
 public:
  Party(Random& random, std::uint8_t number, const PublicKey& other)
      : home_{key_of(number), {}, random, indices_, 0}, channel_(home_, other, owner_) {}

  [[nodiscard]] std::vector<std::uint8_t> begin(Time now) { return channel_.initiate(now); }
  void finish(Time now, Bytes second) { FUZZ_LAW(channel_.finish(now, second)); }
  [[nodiscard]] std::vector<std::uint8_t> answer(Time now, Bytes first) {
    auto message = read_first(home_.identity, first);
    FUZZ_LAW(message);
    return channel_.respond(now, *message);
  }
  // Only so may one that answered use its session.
  void hear(Time now, std::vector<std::uint8_t> datagram) { channel_.open(now, datagram); }

  [[nodiscard]] std::vector<std::uint8_t> seal(Time now, SealedHeader header, Bytes text) {
    std::vector<std::uint8_t> datagram(kHeaderSize + text.size() + kTagSize);
    std::copy(text.begin(), text.end(), datagram.begin() + kHeaderSize);
    return channel_.seal(now, header, datagram) ? datagram : std::vector<std::uint8_t>();
  }
  [[nodiscard]] std::vector<std::uint8_t> control(Time now, Bytes text) {
    SealedHeader header;
    header.flags = kFlagControl;
    return seal(now, header, text);
  }
  [[nodiscard]] std::vector<std::uint8_t> envelope(const PublicKey& to, Bytes inner) {
    std::vector<std::uint8_t> datagram(kEnvelopeSize + std::max<std::size_t>(inner.size(), 32));
    std::copy(inner.begin(), inner.end(), datagram.begin() + kEnvelopeSize);
    if (const Session* const session = channel_.current()) {
      write_envelope({session->facts().remote, node_id(to)}, session->hop_send(), datagram);
    }
    return datagram;
  }
  [[nodiscard]] const PublicKey& key() const { return home_.identity.point; }

 private:
  IndexTable indices_;
  ChannelOwner owner_;
  Home home_;
  Channel channel_;
};

class Machine : public Sink {
 public:
  // What comes from a member is its own, whole, and nothing that changes who has an address.
  void deliver(Bytes frame, const PartialChecksum& checksum) override {
    FUZZ_LAW(frame.size() >= kEthernet);
    FUZZ_LAW(checksum.start == 0 || checksum.start + checksum.offset + 2U <= frame.size());
    if (of_member) {
      FUZZ_LAW(source_of(frame) == mac_of(key_of(3).point));
      FUZZ_LAW(has_ipv4_header(frame) || has_ipv6_header(frame));
      FUZZ_LAW(!may_be_neighbour_message(frame));
    }
    ++delivered;
  }
  void addressed(Ipv4 /*address*/, unsigned bits) override { FUZZ_LAW(bits >= 8 && bits <= 30); }

  bool of_member = false;
};

std::vector<std::uint8_t> encoded(const Control& message) {
  return encode(message);
}

class World {
 public:
  World() {
    join_edge();
    join_member();
    join_supernode();
    edge_sink_.keeps = supernode_sink_.keeps = false;
  }
  void play(unsigned kind, Bytes piece);
  void pass(bool long_time) {
    now_ += long_time ? marvel::vpn::Duration(seconds(1)) : kTick;
    edge_.tick(now_);
    supernode_.tick(now_);
  }

 private:
  static EdgeOptions options() {
    EdgeOptions options;
    options.identity = key_of(1);
    options.name = "edge";
    options.list = {{kSupernodePlace, key_of(2).point}};
    options.accepted = {{0x0af40000, 16}};
    options.announced = {{0x0af50000, 16}};
    options.multicast = true;
    return options;
  }
  // What the edge says first to its super node, which we are.
  void join_edge() {
    edge_sink_.keeps = true;
    edge_.tick(now_);
    FUZZ_LAW(!edge_sink_.kept.empty());
    auto second = false_supernode_.answer(now_, edge_sink_.kept.back());
    edge_.datagram(now_, kSupernodePlace, second);
    false_supernode_.hear(now_, edge_sink_.kept.back());
    to_edge(kSupernodePlace,
            false_supernode_.control(now_, encoded(Lease{kEdgeAddress, 24, kEdgePlace})));
    FUZZ_LAW(edge_.address() == kEdgeAddress);
  }
  void join_member() {
    to_edge(kMemberPlace, member_.begin(now_));
    const auto second = std::find_if(
        edge_sink_.kept.rbegin(), edge_sink_.kept.rend(),
        [](const auto& one) { return one[0] == static_cast<std::uint8_t>(DatagramType::kSecond); });
    FUZZ_LAW(second != edge_sink_.kept.rend());
    member_.finish(now_, *second);
    PeerInfo info{member_.key(), kMemberAddress, "member", kMemberPlace, {}, {{0x0af40100, 24}}};
    to_edge(kSupernodePlace, false_supernode_.control(now_, encoded(info)));
    to_edge(kMemberPlace, member_.control(now_, encoded(Probe{1})));
  }
  void join_supernode() {
    supernode_sink_.keeps = true;
    supernode_.add({"grn", {0x0a080000, 24}, key_of(2), {}, {}});
    for (Party* const one : {&client_, &other_}) {
      to_supernode(*one, one->begin(now_));
      one->finish(now_, supernode_sink_.kept.back());
      Register wish{one == &client_ ? "client" : "other", 0, {kMemberPlace}, {}};
      to_supernode(*one, one->control(now_, encoded(wish)));
    }
    FUZZ_LAW(supernode_.clients().size() == 2);
  }
  void to_edge(const Endpoint& from, std::vector<std::uint8_t> bytes) {
    edge_.datagram(now_, from, bytes);
  }
  void to_supernode(const Party& from, std::vector<std::uint8_t> bytes) {
    supernode_.datagram(now_, &from == &client_ ? kMemberPlace : kEdgePlace, bytes);
  }
  void member_says(std::vector<std::uint8_t> bytes) {
    edge_sink_.of_member = true;
    to_edge(kMemberPlace, std::move(bytes));
    edge_sink_.of_member = false;
  }
  void member_frame(Bytes piece);
  void relay(Bytes piece);
  void beacon(Bytes piece);

  Time now_{seconds(1)};
  FixedRandom random_;
  Machine edge_sink_;
  Sink supernode_sink_;
  Party false_supernode_{random_, 2, key_of(1).point};
  Party member_{random_, 3, key_of(1).point};
  Party client_{random_, 4, key_of(2).point};
  Party other_{random_, 5, key_of(2).point};
  Edge edge_{options(), random_, edge_sink_};
  Supernode supernode_{random_, supernode_sink_, 0};
};

// The first bytes are the header's: flags but the one of control messages, and the checksum's
// place. A frame of the right addresses comes of the input alone only seldom, so one bit asks for
// them.
void World::member_frame(Bytes piece) {
  constexpr std::size_t kHead = 4;
  if (piece.size() < kHead) {
    return;
  }
  SealedHeader header;
  header.flags = piece[0] & static_cast<std::uint8_t>(~kFlagControl);
  header.checksum_start = piece[1];
  header.checksum_offset = piece[2];
  std::vector<std::uint8_t> frame(piece.begin() + kHead, piece.end());
  if ((piece[3] & 1U) != 0 && frame.size() >= kEthernet + kIpv6Header) {
    const Mac to = edge_.mac();
    const Mac from = mac_of(member_.key());
    std::copy(to.begin(), to.end(), frame.begin());
    std::copy(from.begin(), from.end(), frame.begin() + 6);
    const Ipv6 source = overlay_ipv6({}, node_id(member_.key()));
    const Ipv6 target = edge_.ipv6();
    if (ether_type(frame) == kTypeIpv6) {
      std::copy(source.begin(), source.end(), frame.begin() + kEthernet + 8);
      std::copy(target.begin(), target.end(), frame.begin() + kEthernet + 24);
    } else {
      store_be32(frame.data() + kEthernet + 12, kMemberAddress);
      store_be32(frame.data() + kEthernet + 16, kEdgeAddress);
    }
  }
  member_says(member_.seal(now_, header, frame));
}

void World::relay(Bytes piece) {
  const std::size_t before = supernode_sink_.sent;
  const auto datagram = client_.envelope(other_.key(), piece);
  to_supernode(client_, datagram);
  FUZZ_LAW(supernode_sink_.sent - before <= datagram.size());
  to_edge(kSupernodePlace, false_supernode_.envelope(member_.key(), piece));
}

void World::beacon(Bytes piece) {
  Block<kBeaconText> text{};
  std::copy_n(piece.begin(), std::min(piece.size(), text.size()), text.begin());
  std::vector<std::uint8_t> sealed(kBeaconSize);
  xchacha_seal(beacon_key(Membership{}).bytes, Block<24>{}, {}, text, sealed.data() + 24);
  edge_.on_beacon(now_, sealed);
}

void World::play(unsigned kind, Bytes piece) {
  const std::vector<std::uint8_t> raw(piece.begin(), piece.end());
  switch (kind) {
    case 0:
      to_edge(kMemberPlace, raw);
      return to_supernode(client_, raw);
    case 1:
      return to_edge(kSupernodePlace, false_supernode_.control(now_, piece));
    case 2:
      return member_says(member_.control(now_, piece));
    case 3:
      return member_frame(piece);
    case 4: {
      const std::size_t before = supernode_sink_.sent;
      to_supernode(client_, client_.control(now_, piece));
      FUZZ_LAW(supernode_sink_.sent - before <= kLargestAnswer);
      return;
    }
    case 5:
      return relay(piece);
    case 6:
      return edge_.frame(now_, piece, {});
    default:
      return beacon(piece);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  Bytes rest(data, size);
  while (rest.size() > 2) {
    const unsigned head = load_le<std::uint16_t>(rest.data());
    const Bytes piece = rest.subspan(2, std::min<std::size_t>(head & 0x7ffU, rest.size() - 2));
    rest = rest.subspan(2 + piece.size());
    world.play(head >> 11U & 7U, piece);
    world.pass((head & 0x8000U) != 0);
  }
  return 0;
}
