#include "vpn/n2n/supernode.hpp"

#include "vpn/n2n/auto_address.hpp"
#include "vpn/n2n/timing.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kMostEdges = 4096;       // of a community
constexpr unsigned kRemindersPerSecond = 200;  // to edges that are not registered
constexpr Duration kSweep = seconds(1);
constexpr std::string_view kProgram = "marvel";
using Jitter = StampFilter::Jitter;

// Broadcast, IPv4 multicast (RFC 1112) and IPv6 multicast (RFC 2464).
bool goes_to_all(const Mac& mac) {
  return mac == kEveryone ||
         (mac[0] == 0x01 && mac[1] == 0x00 && mac[2] == 0x5e && mac[3] < 0x80) ||
         (mac[0] == 0x33 && mac[1] == 0x33);
}

bool asks_for_address(const Address& address) {
  const bool link_local = address.ip >> 16U == 0xa9fe;
  return address.ip == 0 || address.ip == ~Ipv4{0} || address.bits == 0 || link_local;
}

}  // namespace

struct Supernode::Edge {
  Mac mac{};
  Description description{};
  Auth auth;
  Address address;
  Endpoint endpoint;
  std::optional<Socket> preferred;
  StampFilter stamps;
  Time seen{};
  std::uint64_t relayed = 0;
};

struct Supernode::Group {
  enum class Form { kUnknown, kClear, kEncrypted };

  Community community{};
  Subnet subnet;
  Cover cover;
  Form form = Form::kUnknown;
  std::map<Mac, Edge> edges;
};

Supernode::Supernode(const Mac& mac, Random& random, Outbox& outbox, std::uint64_t unix_ns_at_zero)
    : mac_(mac), random_(random), outbox_(outbox), unix_ns_at_zero_(unix_ns_at_zero) {}
Supernode::~Supernode() = default;

Status Supernode::add(const std::string& name, const std::optional<Subnet>& subnet) {
  const auto community = community_of(name);
  const auto has = [this](const auto& same) {
    return std::any_of(groups_.begin(), groups_.end(), same);
  };
  if (!community) {
    return fail(Errc::kUsage, "'" + name + "' is no name of an n2n community",
                "it has 1 to 19 bytes");
  }
  if (has([&](const auto& one) { return one->community == *community; })) {
    return fail(Errc::kUsage, "community '" + name + "' is there twice");
  }
  const auto chosen = subnet ? subnet : auto_subnet(*community, [&](const Subnet& candidate) {
    return has([&](const auto& one) { return one->subnet == candidate; });
  });
  if (!chosen) {
    return fail(Errc::kUnavailable, "no network is left for community '" + name + "'");
  }
  groups_.push_back(
      std::make_unique<Group>(Group{*community,
                                    *chosen,
                                    Cover(*community, false, random_, unix_ns_at_zero_),
                                    Group::Form::kUnknown,
                                    {}}));
  return {};
}

void Supernode::tick(Time now) {
  if (started_ == Time{}) {
    started_ = now;
  }
  if (now < next_sweep_) {
    return;
  }
  next_sweep_ = now + kSweep;
  for (const auto& group : groups_) {
    std::erase_if(group->edges,
                  [now](const auto& entry) { return now - entry.second.seen > kEdgeSilence; });
    if (group->edges.empty()) {
      group->form = Group::Form::kUnknown;
    }
  }
}

void Supernode::datagram(Time now, const Endpoint& from, MutableBytes bytes) {
  if (bytes.size() < kCommonSize || bytes.size() > kMostDatagram) {
    return counters_.drop(Drop::kMalformed);
  }
  if (looks_clear(bytes)) {
    const Community community = community_in(bytes);
    for (const auto& group : groups_) {
      if (group->community == community && group->form != Group::Form::kEncrypted) {
        return open(now, from, *group, bytes, std::nullopt);
      }
    }
  }
  for (const auto& group : groups_) {
    if (group->form == Group::Form::kClear) {
      continue;
    }
    if (const auto stamp = group->cover.open(bytes)) {
      if (!looks_clear(bytes)) {
        return counters_.drop(Drop::kMalformed);
      }
      return open(now, from, *group, bytes, stamp);
    }
  }
  counters_.drop(Drop::kUnknownCommunity);
}

void Supernode::open(Time now, const Endpoint& from, Group& group, MutableBytes bytes,
                     std::optional<Stamp> stamp) {
  group.cover.set_encrypted(stamp.has_value());
  const Incoming in{from, group, stamp};
  if (type_of(bytes) == Type::kPacket) {
    return packet(now, in, bytes);
  }
  const auto message = decode(bytes);
  if (!message) {
    return counters_.drop(Drop::kMalformed);
  }
  // Super nodes do not talk to this one: there is no federation.
  if ((message->flags & kFromSupernode) != 0) {
    return counters_.drop(Drop::kUnknownSender);
  }
  if (const auto* const one = std::get_if<RegisterSuper>(&message->body)) {
    on(now, in, *one);
  } else if (const auto* const two = std::get_if<UnregisterSuper>(&message->body)) {
    on(now, in, *two);
  } else if (const auto* const three = std::get_if<Register>(&message->body)) {
    on(now, in, *three, message->ttl);
  } else if (const auto* const four = std::get_if<QueryPeer>(&message->body)) {
    on(now, in, *four);
  } else {
    counters_.drop(Drop::kMalformed);
  }
}

void Supernode::send(Time now, const Incoming& in, const Endpoint& to, std::uint8_t ttl,
                     const Body& body) {
  // The flag is set in this answer, whose socket is always there, and follows from the body
  // elsewhere.
  const bool is_ack = std::holds_alternative<RegisterSuperAck>(body);
  const auto flags = static_cast<std::uint16_t>(kFromSupernode | (is_ack ? kHasSocket : 0));
  const auto bytes = encode({ttl, flags, in.group.community, body});
  const MutableBytes room = outbox_.reserve(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  in.group.cover.seal(now, room, room.size());
  outbox_.send(to);
}

// The registered edge that this comes from. One that is not registered, or from elsewhere by now,
// is asked to register: after a restart of the super node, edges are back at their first frame.
Supernode::Edge* Supernode::sender(Time now, const Incoming& in, const Mac& mac, Jitter jitter) {
  const auto found = in.group.edges.find(mac);
  if (found == in.group.edges.end() || found->second.endpoint != in.from) {
    counters_.drop(Drop::kUnknownSender);
    if (now - reminder_second_ >= seconds(1)) {
      reminder_second_ = now;
      reminders_in_second_ = 0;
    }
    if (++reminders_in_second_ <= kRemindersPerSecond) {
      send(now, in, in.from, kTtl, ReRegisterSuper{});
    }
    return nullptr;
  }
  if (!in.group.cover.take(now, found->second.stamps, in.stamp, jitter)) {
    counters_.drop(Drop::kReplayed);
    return nullptr;
  }
  found->second.seen = now;
  return &found->second;
}

// --- frames ---

void Supernode::packet(Time now, const Incoming& in, Bytes bytes) {
  const auto head = read_head(bytes);
  if (!head || head->ttl < 1 || (head->flags & kFromSupernode) != 0) {
    return counters_.drop(Drop::kMalformed);
  }
  Edge* const from = sender(now, in, head->source, Jitter::kSome);
  if (from == nullptr) {
    return;
  }
  const Bytes payload = bytes.subspan(head->size());
  ++from->relayed;
  if (goes_to_all(head->destination)) {
    for (const auto& [mac, edge] : in.group.edges) {
      if (mac != head->source) {
        pass_on(now, in, *head, payload, edge.endpoint);
      }
    }
    return;
  }
  const auto found = in.group.edges.find(head->destination);
  if (found == in.group.edges.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  pass_on(now, in, *head, payload, found->second.endpoint);
}

void Supernode::pass_on(Time now, const Incoming& in, const PacketHead& head, Bytes payload,
                        const Endpoint& to) {
  PacketHead next = head;
  next.ttl = static_cast<std::uint8_t>(head.ttl - 1);
  next.flags = kFromSupernode;
  next.socket = Socket{in.from};
  const std::size_t size = next.size();
  if (size + payload.size() > kMostDatagram) {
    return counters_.drop(Drop::kMalformed);
  }
  const MutableBytes room = outbox_.reserve(size + payload.size());
  write_head(next, room);
  std::copy(payload.begin(), payload.end(), room.begin() + static_cast<std::ptrdiff_t>(size));
  in.group.cover.seal(now, room, size);
  outbox_.send(to);
  ++counters_.relayed;
  counters_.relayed_bytes += payload.size();
}

void Supernode::on(Time now, const Incoming& in, const Register& body, std::uint8_t ttl) {
  if (ttl < 1 || sender(now, in, body.source, Jitter::kNone) == nullptr) {
    return;
  }
  const auto found = in.group.edges.find(body.destination);
  if (found == in.group.edges.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  Register next = body;
  next.socket = Socket{in.from};
  send(now, in, found->second.endpoint, static_cast<std::uint8_t>(ttl - 1), next);
}

// --- registration ---

// What it asks for; or, where it leaves that open, what it had before, or one that is free.
Address Supernode::choose(const Group& group, const RegisterSuper& body) const {
  if (!asks_for_address(body.address)) {
    return body.address;
  }
  const auto mine = std::find_if(group.edges.begin(), group.edges.end(), [&](const auto& entry) {
    return entry.second.auth == body.auth && group.subnet.is_host(entry.second.address.ip);
  });
  if (mine != group.edges.end()) {
    return mine->second.address;
  }
  const auto taken = [&](Ipv4 address) {
    return std::any_of(group.edges.begin(), group.edges.end(), [&](const auto& entry) {
      return entry.second.address.ip == address && entry.second.mac != body.edge;
    });
  };
  const auto address = auto_address(group.subnet, body.description, taken);
  return address ? Address{*address, static_cast<std::uint8_t>(group.subnet.bits)} : Address{};
}

bool Supernode::admit(Time now, const Incoming& in, const RegisterSuper& body,
                      const Address& address) {
  auto& edges = in.group.edges;
  // Another node of this Ethernet or IPv4 address stays, unless it has been silent for long.
  const auto holds = [&](const Edge& one) {
    return one.auth != body.auth && now - one.seen < kTakeOver &&
           (one.mac == body.edge || (address.ip != 0 && one.address.ip == address.ip));
  };
  const bool refused = std::any_of(edges.begin(), edges.end(),
                                   [&](const auto& entry) { return holds(entry.second); });
  if (refused) {
    counters_.drop(Drop::kRefused);
    return false;
  }
  if (edges.size() >= kMostEdges && !edges.contains(body.edge)) {
    counters_.drop(Drop::kLimited);
    return false;
  }
  std::erase_if(edges, [&](const auto& entry) {
    return entry.first != body.edge && address.ip != 0 && entry.second.address.ip == address.ip;
  });
  Edge& edge = edges[body.edge];
  in.group.cover.take(now, edge.stamps, in.stamp, Jitter::kNone);  // of a new one it is the first
  edge.mac = body.edge;
  edge.description = body.description;
  edge.auth = body.auth;
  edge.address = address;
  edge.endpoint = in.from;
  edge.preferred = body.socket;
  edge.seen = now;
  in.group.form = in.stamp ? Group::Form::kEncrypted : Group::Form::kClear;
  return true;
}

void Supernode::on(Time now, const Incoming& in, const RegisterSuper& body) {
  const auto known = in.group.edges.find(body.edge);
  StampFilter stranger;
  StampFilter* const stamps = known == in.group.edges.end() ? &stranger : &known->second.stamps;
  if (!in.group.cover.take(now, *stamps, in.stamp, Jitter::kNone)) {
    return counters_.drop(Drop::kReplayed);
  }
  const Address address = choose(in.group, body);
  // One without an Ethernet address draws an IPv4 address before it comes back with both.
  if (body.edge != kNoMac && !admit(now, in, body, address)) {
    return send(now, in, in.from, kTtl, RegisterSuperNak{body.cookie, body.edge, {}});
  }
  RegisterSuperAck ack;
  ack.cookie = body.cookie;
  ack.source = mac_;
  ack.address = asks_for_address(body.address) ? address : Address{};
  ack.seen = Socket{in.from};
  send(now, in, in.from, kTtl, ack);
}

void Supernode::on(Time now, const Incoming& in, const UnregisterSuper& body) {
  const auto found = in.group.edges.find(body.source);
  if (found == in.group.edges.end() || found->second.auth != body.auth) {
    return counters_.drop(Drop::kUnknownSender);
  }
  if (!in.group.cover.take(now, found->second.stamps, in.stamp, Jitter::kNone)) {
    return counters_.drop(Drop::kReplayed);
  }
  in.group.edges.erase(found);
}

// --- questions ---

void Supernode::on(Time now, const Incoming& in, const QueryPeer& body) {
  if (body.target == kNoMac) {
    return answer_ping(now, in);
  }
  if (sender(now, in, body.source, Jitter::kSome) == nullptr) {
    return;
  }
  const auto found = in.group.edges.find(body.target);
  if (found == in.group.edges.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  PeerInfo info;
  info.source = body.source;
  info.peer = body.target;
  info.socket = Socket{found->second.endpoint};
  info.preferred = found->second.preferred;
  send(now, in, in.from, kTtl, info);
}

void Supernode::answer_ping(Time now, const Incoming& in) {
  PeerInfo pong;
  pong.source = mac_;
  pong.socket = Socket{in.from};
  for (const auto& group : groups_) {
    pong.load += static_cast<std::uint32_t>(group->edges.size());
  }
  pong.uptime = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
  std::copy(kProgram.begin(), kProgram.end(), pong.version.begin());
  send(now, in, in.from, kTtl, pong);
}

std::vector<Supernode::EdgeView> Supernode::edges() const {
  std::vector<EdgeView> views;
  for (const auto& group : groups_) {
    for (const auto& [mac, edge] : group->edges) {
      views.push_back({name_of(group->community), name_of(edge.description), mac, edge.address.ip,
                       edge.endpoint, edge.relayed});
    }
  }
  return views;
}

}  // namespace marvel::vpn::n2n
