// A super node of n2n among others of its federation. They register with each other in a community
// of the federation's name, whose headers are encrypted by that name; that is all that keeps
// others out. In the communities of edges:
//   REGISTER_SUPER   of an edge goes to all, so that they know where it is and forget it themselves
//   REGISTER_SUPER_NAK  comes back where its addresses belong to another edge
//   PACKET, REGISTER go to the super node of their destination; to all while that is not known
//   QUERY_PEER       goes to all, PEER_INFO comes back to the one that has asked
// What came from a super node goes to edges only.
#include "vpn/n2n/supernode_state.hpp"
#include "vpn/n2n/timing.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kMostPeers = 64;
constexpr std::size_t kMostAway = 16384;          // of a community
constexpr std::size_t kMostNamed = 16;            // in one answer
constexpr std::uint64_t kSecond = 1'000'000'000;  // ns
constexpr std::uint32_t kMostAhead = 3600;        // s: a key time from the future

}  // namespace

bool Supernode::Peer::alive(Time now) const {
  return heard != Time{} && now - heard < kFederateSilence;
}

Supernode::Peer* Supernode::add_peer(Time now, const Endpoint& endpoint, const Mac& mac) {
  if (!federation_ || (mac != kNoMac && mac == options_.mac)) {
    return nullptr;
  }
  auto& peers = federation_->peers;
  const auto found = std::find_if(peers.begin(), peers.end(), [&](const auto& one) {
    return one->endpoint == endpoint || (mac != kNoMac && one->mac == mac);
  });
  if (found != peers.end()) {
    return found->get();
  }
  if (peers.size() >= kMostPeers) {
    counters_.drop(Drop::kLimited);
    return nullptr;
  }
  peers.push_back(std::make_unique<Peer>());
  peers.back()->endpoint = endpoint;
  peers.back()->mac = mac;
  peers.back()->since = now;
  return peers.back().get();
}

// The super node that sends from there, if it is registered.
Supernode::Peer* Supernode::peer_at(Time now, const Endpoint& from) {
  if (!federation_) {
    return nullptr;
  }
  const auto found =
      std::find_if(federation_->peers.begin(), federation_->peers.end(),
                   [&](const auto& one) { return one->endpoint == from && one->alive(now); });
  return found == federation_->peers.end() ? nullptr : found->get();
}

std::vector<Endpoint> Supernode::others(Time now) const {
  std::vector<Endpoint> places;
  if (federation_) {
    for (const auto& peer : federation_->peers) {
      if (peer->alive(now)) {
        places.push_back(peer->endpoint);
      }
    }
  }
  return places;
}

std::vector<Endpoint> Supernode::elsewhere(Time now, const Group& group, const Mac& mac) const {
  const auto found = group.away.find(mac);
  return found == group.away.end() ? others(now) : std::vector{found->second.supernode};
}

std::vector<RegisterSuperAck::Other> Supernode::named_others(Time now,
                                                             const Endpoint& asker) const {
  std::vector<RegisterSuperAck::Other> named;
  if (federation_) {
    for (const auto& peer : federation_->peers) {
      if (peer->alive(now) && peer->endpoint != asker && named.size() < kMostNamed) {
        named.push_back(other_of(peer->endpoint, peer->mac));
      }
    }
  }
  return named;
}

// --- registration with each other ---

void Supernode::tick_federation(Time now) {
  if (!federation_) {
    return;
  }
  auto& peers = federation_->peers;
  for (const auto& peer : peers) {
    if (peer->connected && !peer->alive(now)) {
      peer->connected = false;
      outbox_.tell("super node " + peer->endpoint.text() + " of the federation is silent");
    }
  }
  // One that was only named has as long to answer.
  std::erase_if(peers, [&](const auto& peer) {
    return !peer->fixed && now - std::max(peer->heard, peer->since) > kFederateSilence;
  });
  for (const auto& peer : peers) {
    if (now < peer->next) {
      continue;
    }
    peer->next = now + (peer->answered || !peer->fixed ? kFederateEvery : kFederateAgain);
    peer->answered = false;
    peer->cookie = random_u32(random_);
    RegisterSuper body;
    body.cookie = peer->cookie;
    body.edge = options_.mac;
    body.auth = {kSimpleId, std::vector<std::uint8_t>(16)};
    std::copy(options_.mac.begin(), options_.mac.end(), body.auth.token.begin());
    body.key_time = key_time_;
    send_message(now, federation_->cover, outbox_, peer->endpoint,
                 {kTtl, kFromSupernode, federation_->name, body}, nullptr);
  }
}

void Supernode::on_federation(Time now, const Endpoint& from, const Cover::Opened& opened) {
  const auto decoded = looks_clear(opened.clear) ? decode(opened.clear) : std::nullopt;
  if (!decoded || !opened.stamp || (decoded->flags & kFromSupernode) == 0) {
    return counters_.drop(Drop::kMalformed);
  }
  if (const auto* const one = std::get_if<RegisterSuper>(&decoded->body)) {
    on_peer(now, from, *one, *opened.stamp);
  } else if (const auto* const two = std::get_if<RegisterSuperAck>(&decoded->body)) {
    on_peer(now, from, *two, *opened.stamp);
  } else {
    counters_.drop(Drop::kMalformed);
  }
}

void Supernode::on_peer(Time now, const Endpoint& from, const RegisterSuper& body,
                        const Stamp& stamp) {
  // This one, by another of its addresses; or of a third one, passed on as n2n does.
  if (body.edge == options_.mac || body.socket) {
    return;
  }
  Peer* const peer = add_peer(now, from, body.edge);
  if (peer == nullptr) {
    return;
  }
  if (!federation_->cover.take(now, peer->stamps, stamp, Jitter::kNone)) {
    return counters_.drop(Drop::kReplayed);
  }
  peer->endpoint = from;
  peer->mac = body.edge;
  peer->heard = now;
  take_key_time(now, body.key_time);
  RegisterSuperAck ack;
  ack.cookie = body.cookie;
  ack.source = options_.mac;
  ack.seen = Socket{from};
  ack.others = named_others(now, from);
  ack.key_time = key_time_;
  send_message(now, federation_->cover, outbox_, from,
               {kTtl, kFromSupernode | kHasSocket, federation_->name, ack}, nullptr);
}

void Supernode::on_peer(Time now, const Endpoint& from, const RegisterSuperAck& body,
                        const Stamp& stamp) {
  const auto found = std::find_if(
      federation_->peers.begin(), federation_->peers.end(),
      [&](const auto& one) { return one->endpoint == from && one->cookie == body.cookie; });
  if (found == federation_->peers.end()) {
    return counters_.drop(Drop::kUnknownSender);
  }
  Peer& peer = **found;
  if (!federation_->cover.take(now, peer.stamps, stamp, Jitter::kNone)) {
    return counters_.drop(Drop::kReplayed);
  }
  peer.mac = body.source;
  peer.heard = now;
  peer.answered = true;
  peer.next = now + kFederateEvery;
  if (!peer.connected) {
    peer.connected = true;
    outbox_.tell("federated with super node " + from.text());
  }
  for (const auto& other : body.others) {
    if (const auto endpoint = endpoint_of(other)) {
      add_peer(now, *endpoint, other.mac);
    }
  }
  take_key_time(now, body.key_time);
}

// All super nodes of a federation derive the keys of users' headers from the newest start among
// them. Edges are told with the key that they have.
void Supernode::take_key_time(Time now, std::uint32_t key_time) {
  if (key_time <= key_time_ || key_time > today(now) + kMostAhead) {
    return;
  }
  key_time_ = key_time;
  for (const auto& group : groups_) {
    if (group->users.empty()) {
      continue;
    }
    for (const auto& [mac, edge] : group->edges) {
      send(now, *group, edge.endpoint, kTtl, ReRegisterSuper{});
    }
    group->cover.set_users(dynamic_key(group->community, federation_name_, key_time_));
  }
  if (federation_) {
    for (const auto& peer : federation_->peers) {
      peer->next = now;
    }
  }
}

std::uint32_t Supernode::today(Time now) const {
  return static_cast<std::uint32_t>(
      (options_.unix_ns_at_zero + static_cast<std::uint64_t>(now.count())) / kSecond);
}

// --- what they say of edges ---

void Supernode::message_of_peer(Time now, const Incoming& in, const Message& message) {
  if (const auto* const one = std::get_if<RegisterSuper>(&message.body)) {
    return edge_elsewhere(now, in, *one);
  }
  if (const auto* const query = std::get_if<QueryPeer>(&message.body)) {
    return on(now, in, *query);
  }
  if (!in.group.cover.take(now, in.peer->stamps, in.opened.stamp, Jitter::kSome)) {
    return counters_.drop(Drop::kReplayed);
  }
  if (const auto* const two = std::get_if<RegisterSuperNak>(&message.body)) {
    refused_elsewhere(now, in, *two);
  } else if (const auto* const three = std::get_if<PeerInfo>(&message.body)) {
    found_elsewhere(now, in, *three);
  } else if (const auto* const four = std::get_if<Register>(&message.body);
             four != nullptr && message.ttl >= 1 && four->socket) {
    const auto found = in.group.edges.find(four->destination);
    if (found == in.group.edges.end()) {
      return counters_.drop(Drop::kUnknownPeer);
    }
    send(now, in.group, found->second.endpoint, message.ttl, *four);
  } else {
    counters_.drop(Drop::kMalformed);
  }
}

void Supernode::edge_elsewhere(Time now, const Incoming& in, const RegisterSuper& body) {
  const SharedKey* const user = in.group.user_of(body.auth);
  if (!has_trailer(in, user) || !is_fresh(now, in, body)) {
    return;
  }
  if (body.edge == kNoMac || !body.socket) {
    return counters_.drop(Drop::kMalformed);
  }
  if (!may_register(now, in.group, body, body.address)) {
    return send(now, in.group, in.from, kTtl, RegisterSuperNak{body.cookie, body.edge, {}});
  }
  if (in.group.away.size() >= kMostAway && !in.group.away.contains(body.edge)) {
    return counters_.drop(Drop::kLimited);
  }
  in.group.edges.erase(body.edge);
  in.group.away[body.edge] = {in.from, body.address.ip, now};
}

void Supernode::refused_elsewhere(Time now, const Incoming& in, const RegisterSuperNak& body) {
  const auto found = in.group.edges.find(body.source);
  if (found == in.group.edges.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  send(now, in.group, found->second.endpoint, kTtl, body);
  in.group.edges.erase(found);
}

void Supernode::found_elsewhere(Time now, const Incoming& in, const PeerInfo& body) {
  const auto found = in.group.edges.find(body.source);
  if (found == in.group.edges.end() || body.peer == kNoMac || in.group.edges.contains(body.peer)) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  auto& away = in.group.away;
  if (away.size() < kMostAway || away.contains(body.peer)) {
    const Ipv4 address = away[body.peer].address;
    away[body.peer] = {in.from, address, now};
  }
  send(now, in.group, found->second.endpoint, kTtl - 1, body);
}

std::vector<Supernode::PeerView> Supernode::federated() const {
  std::vector<PeerView> views;
  if (federation_) {
    for (const auto& peer : federation_->peers) {
      views.push_back({peer->endpoint, peer->connected});
    }
  }
  return views;
}

}  // namespace marvel::vpn::n2n
