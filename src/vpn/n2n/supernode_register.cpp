// A super node of n2n: registrations of edges, and questions where others are.
#include "vpn/n2n/auto_address.hpp"
#include "vpn/n2n/supernode_state.hpp"
#include "vpn/n2n/timing.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kMostEdges = 4096;  // of a community
constexpr std::string_view kProgram = "marvel";

bool asks_for_address(const Address& address) {
  const bool link_local = address.ip >> 16U == 0xa9fe;
  return address.ip == 0 || address.ip == ~Ipv4{0} || address.bits == 0 || link_local;
}

// Of all but one, in order: the search for a free one looks at many, and one datagram must not cost
// it a pass over all edges each.
template <class Edges, class Away>
std::vector<Ipv4> addresses_but(const Edges& edges, const Away& away, const Mac& mine) {
  std::vector<Ipv4> all;
  all.reserve(edges.size() + away.size());
  for (const auto& [mac, edge] : edges) {
    if (mac != mine) {
      all.push_back(edge.address.ip);
    }
  }
  for (const auto& [mac, one] : away) {
    if (mac != mine) {
      all.push_back(one.address);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

// What it asks for; or, where it leaves that open, what it had before, or one that is free.
Address Supernode::choose(const Group& group, const RegisterSuper& body) const {
  if (!asks_for_address(body.address)) {
    return body.address;
  }
  // One user may have several machines, which only their Ethernet addresses tell apart.
  const bool of_user = names_user(body.auth);
  const auto mine = std::find_if(group.edges.begin(), group.edges.end(), [&](const auto& entry) {
    return same_owner(entry.second.auth, body.auth) &&
           (!of_user || entry.second.mac == body.edge) &&
           group.subnet.is_host(entry.second.address.ip);
  });
  if (mine != group.edges.end()) {
    return mine->second.address;
  }
  const std::vector<Ipv4> held = addresses_but(group.edges, group.away, body.edge);
  const auto taken = [&held](Ipv4 one) {
    return std::binary_search(held.begin(), held.end(), one);
  };
  const auto address = auto_address(group.subnet, body.description, taken);
  return address ? Address{*address, static_cast<std::uint8_t>(group.subnet.bits)} : Address{};
}

// Whether the registration shows its sender to be who may be here.
bool Supernode::has_trailer(const Incoming& in, const SharedKey* user) {
  if (user == nullptr || !in.opened.hash ||
      equal_secret(user->trailer(*in.opened.hash), in.opened.trailer)) {
    return true;
  }
  counters_.drop(Drop::kUnknownSender);
  return false;
}

bool Supernode::is_fresh(Time now, const Incoming& in, const RegisterSuper& body) {
  const auto known = in.group.edges.find(body.edge);
  StampFilter stranger;
  StampFilter* const stamps = in.peer != nullptr              ? &in.peer->stamps
                              : known == in.group.edges.end() ? &stranger
                                                              : &known->second.stamps;
  // What other super nodes pass on may be overtaken by frames.
  const Jitter jitter = in.peer != nullptr ? Jitter::kSome : Jitter::kNone;
  if (!in.group.cover.take(now, *stamps, in.opened.stamp, jitter)) {
    counters_.drop(Drop::kReplayed);
    return false;
  }
  return true;
}

bool Supernode::may_register(Time now, const Group& group, const RegisterSuper& body,
                             const Address& address) {
  const bool known =
      group.users.empty() ? body.auth.scheme != kUserPassword : group.user_of(body.auth) != nullptr;
  // Another node of this Ethernet or IPv4 address stays, unless it has been silent for long. Two
  // machines of one user are two nodes.
  const auto holds = [&](const Edge& one) {
    const bool other = !same_owner(one.auth, body.auth);
    return now - one.seen < kTakeOver &&
           ((other && one.mac == body.edge) ||
            ((other || (names_user(body.auth) && one.mac != body.edge)) && address.ip != 0 &&
             one.address.ip == address.ip));
  };
  const bool refused =
      !known || std::any_of(group.edges.begin(), group.edges.end(),
                            [&](const auto& entry) { return holds(entry.second); });
  if (refused) {
    counters_.drop(Drop::kRefused);
  }
  return !refused;
}

bool Supernode::admit(Time now, const Incoming& in, const RegisterSuper& body,
                      const Address& address) {
  auto& edges = in.group.edges;
  if (!may_register(now, in.group, body, address)) {
    return false;
  }
  if (edges.size() >= kMostEdges && !edges.contains(body.edge)) {
    counters_.drop(Drop::kLimited);
    return false;
  }
  std::erase_if(edges, [&](const auto& entry) {
    return entry.first != body.edge && address.ip != 0 && entry.second.address.ip == address.ip;
  });
  in.group.away.erase(body.edge);
  Edge& edge = edges[body.edge];
  in.group.cover.take(now, edge.stamps, in.opened.stamp, Jitter::kNone);  // of a new one the first
  edge.mac = body.edge;
  edge.description = body.description;
  edge.auth = body.auth;
  edge.address = address;
  edge.endpoint = in.from;
  edge.preferred = body.socket;
  edge.seen = now;
  in.group.form = in.opened.stamp ? Group::Form::kEncrypted : Group::Form::kClear;
  return true;
}

void Supernode::on(Time now, const Incoming& in, const RegisterSuper& body) {
  const SharedKey* const user = in.group.user_of(body.auth);
  if (!has_trailer(in, user) || !is_fresh(now, in, body)) {
    return;
  }
  const Address address = choose(in.group, body);
  // One without an Ethernet address draws an IPv4 address before it comes back with both.
  const bool accepted =
      body.edge == kNoMac ? may_register(now, in.group, body, {}) : admit(now, in, body, address);
  if (!accepted) {
    return send(now, in.group, in.from, kTtl, RegisterSuperNak{body.cookie, body.edge, {}});
  }
  if (body.edge != kNoMac) {
    RegisterSuper told = body;
    told.socket = Socket{in.from};
    for (const auto& place : others(now)) {
      send(now, in.group, place, kTtl, told, user);
    }
  }
  RegisterSuperAck ack;
  ack.cookie = body.cookie;
  ack.source = options_.mac;
  ack.address = asks_for_address(body.address) ? address : Address{};
  ack.seen = Socket{in.from};
  ack.others = named_others(now, in.from);
  if (user != nullptr) {
    ack.auth =
        user->answer(body.auth, dynamic_key(in.group.community, federation_name_, key_time_));
  }
  send(now, in.group, in.from, kTtl, ack, user);
}

void Supernode::on(Time now, const Incoming& in, const UnregisterSuper& body) {
  const auto found = in.group.edges.find(body.source);
  if (found == in.group.edges.end() || !same_owner(found->second.auth, body.auth)) {
    return counters_.drop(Drop::kUnknownSender);
  }
  if (!in.group.cover.take(now, found->second.stamps, in.opened.stamp, Jitter::kNone)) {
    return counters_.drop(Drop::kReplayed);
  }
  in.group.edges.erase(found);
}

// --- questions ---

void Supernode::on(Time now, const Incoming& in, const Register& body, std::uint8_t ttl) {
  if (ttl < 1 || sender(now, in, body.source, Jitter::kSome) == nullptr) {
    return;
  }
  Register next = body;
  next.socket = Socket{in.from};
  const auto hops = static_cast<std::uint8_t>(ttl - 1);
  const auto found = in.group.edges.find(body.destination);
  if (found != in.group.edges.end()) {
    return send(now, in.group, found->second.endpoint, hops, next);
  }
  const auto places = elsewhere(now, in.group, body.destination);
  for (const auto& place : places) {
    send(now, in.group, place, hops, next);
  }
  if (places.empty()) {
    counters_.drop(Drop::kUnknownPeer);
  }
}

void Supernode::on(Time now, const Incoming& in, const QueryPeer& body) {
  if (body.target == kNoMac) {
    return answer_ping(now, in);
  }
  const bool fresh = in.peer == nullptr ? sender(now, in, body.source, Jitter::kSome) != nullptr
                                        : in.group.cover.take(now, in.peer->stamps, in.opened.stamp,
                                                              Jitter::kSome);
  if (!fresh) {
    return;
  }
  const auto found = in.group.edges.find(body.target);
  if (found != in.group.edges.end()) {
    PeerInfo info;
    info.source = body.source;
    info.peer = body.target;
    info.socket = Socket{found->second.endpoint};
    info.preferred = found->second.preferred;
    return send(now, in.group, in.from, kTtl, info);
  }
  const auto places = in.peer == nullptr ? others(now) : std::vector<Endpoint>();
  for (const auto& place : places) {
    send(now, in.group, place, kTtl - 1, body);
  }
  if (places.empty()) {
    counters_.drop(Drop::kUnknownPeer);
  }
}

void Supernode::answer_ping(Time now, const Incoming& in) {
  PeerInfo pong;
  pong.source = options_.mac;
  pong.socket = Socket{in.from};
  for (const auto& group : groups_) {
    pong.load += static_cast<std::uint32_t>(group->edges.size());
  }
  pong.uptime = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
  std::copy(kProgram.begin(), kProgram.end(), pong.version.begin());
  send(now, in.group, in.from, kTtl, pong);
}

}  // namespace marvel::vpn::n2n
