// An edge of n2n: registration with the super node, and the search for direct paths.
//
//   A has a frame for B       -> super node: REGISTER (forwarded to B), QUERY_PEER
//   B, on the REGISTER        -> A: REGISTER, some times, so that its NAT lets A in
//   A, on PEER_INFO           -> B: REGISTER, some times
//   whoever gets a REGISTER   -> its source: REGISTER_ACK; and on that the other one has a path
//
// A path is asked with a REGISTER again and again; without an answer frames go over the super node.
#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/timing.hpp"
#include "vpn/offload/frame.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

using Jitter = StampFilter::Jitter;

// What was relayed may be overtaken by frames; only the super node's own answers are in order. (n2n
// lets no REGISTER be late.)
Jitter jitter_of(const Body& body) {
  return is_registration(type_of(body)) ? Jitter::kNone : Jitter::kSome;
}

// Who has sent it, where that is an edge.
Mac sender_of(const Body& body) {
  if (const auto* const one = std::get_if<Register>(&body)) {
    return one->source;
  }
  const auto* const one = std::get_if<RegisterAck>(&body);
  return one == nullptr ? kNoMac : one->source;
}

}  // namespace

void Peer::add_target(const Endpoint& endpoint, std::uint32_t target_cookie) {
  if (endpoint.empty() || target(endpoint) != nullptr) {
    return;
  }
  if (targets.size() >= kMostTargets) {
    targets.erase(targets.begin());
  }
  targets.push_back({endpoint, target_cookie});
}

const Peer::Target* Peer::target(const Endpoint& endpoint) const {
  const auto found = std::find_if(targets.begin(), targets.end(), [&endpoint](const Target& one) {
    return one.endpoint == endpoint;
  });
  return found == targets.end() ? nullptr : &*found;
}

bool Edge::is_supernode(const Endpoint& from) const {
  return std::find(options_.supernodes.begin(), options_.supernodes.end(), from) !=
         options_.supernodes.end();
}

// A new challenge each time where the edge has a user.
Auth Edge::auth() {
  if (!options_.login) {
    return {kSimpleId, {options_.id.begin(), options_.id.end()}};
  }
  random_.fill(link_.challenge);
  return options_.login->shared.ask(options_.login->user, link_.challenge);
}

void Edge::send(Time now, const Endpoint& to, const Body& body) {
  send_message(now, cover_, outbox_, to, {kTtl, 0, options_.community, body},
               options_.login ? &options_.login->shared : nullptr);
}

void Edge::message(Time now, const Endpoint& from, const Message& message,
                   std::optional<Stamp> stamp) {
  const bool from_supernode = (message.flags & kFromSupernode) != 0;
  const auto peer = peers_.find(sender_of(message.body));
  StampFilter stranger;
  StampFilter* stamps = from_supernode ? &link_.stamps : &stranger;
  if (!from_supernode && peer != peers_.end()) {
    stamps = &peer->second.stamps;
  }
  if (!cover_.take(now, *stamps, stamp, jitter_of(message.body))) {
    return counters_.drop(Drop::kReplayed);
  }
  if (const auto* const reg = std::get_if<Register>(&message.body)) {
    return on(now, from, message, *reg);
  }
  if (const auto* const ack = std::get_if<RegisterAck>(&message.body)) {
    return on(now, from, *ack);
  }
  if (!from_supernode) {
    return counters_.drop(Drop::kUnknownSender);
  }
  if (const auto* const accepted = std::get_if<RegisterSuperAck>(&message.body)) {
    on(now, *accepted);
  } else if (const auto* const refused = std::get_if<RegisterSuperNak>(&message.body)) {
    on(now, *refused);
  } else if (const auto* const info = std::get_if<PeerInfo>(&message.body)) {
    on(now, *info);
  } else if (std::holds_alternative<ReRegisterSuper>(message.body) && !link_.waiting) {
    link_.next = now;
  }
}

// --- the super node ---

void Edge::tick_link(Time now) {
  if (now < link_.next) {
    return;
  }
  if (link_.waiting && ++link_.misses >= kMissesAllowed) {
    next_supernode();
  }
  register_super(now);
}

void Edge::next_supernode() {
  if (!link_.told) {
    outbox_.tell("super node " + supernode().text() + " does not answer");
  }
  const std::size_t next = (link_.number + 1) % options_.supernodes.size();
  const bool told = options_.supernodes.size() == 1 || next == 0;
  link_ = Link{};
  link_.number = next;
  link_.told = told;  // each once in a round
}

void Edge::register_super(Time now) {
  link_.for_address = address_ == 0;
  link_.cookie = random_u32(random_);
  link_.waiting = true;
  link_.next = now + kRegisterAgain;
  RegisterSuper body;
  body.cookie = link_.cookie;
  body.edge = link_.for_address ? kNoMac : options_.mac;
  body.socket = preferred_;
  body.address = {address_, static_cast<std::uint8_t>(bits_)};
  body.description = description_of(options_.name);
  body.auth = auth();
  send(now, supernode(), body);
}

// The key for all that follows, where the community has users.
bool Edge::learn_key(const RegisterSuperAck& body) {
  if (!options_.login) {
    return true;
  }
  const auto key = options_.login->shared.learn(link_.challenge, body.auth);
  if (key) {
    cover_.set_users(key);
  }
  return key.has_value();
}

// Others of the federation take its place when this one falls silent.
void Edge::learn_supernodes(const RegisterSuperAck& body) {
  for (const auto& other : body.others) {
    const auto endpoint = endpoint_of(other);
    if (endpoint && options_.supernodes.size() < kMostSupernodes && !is_supernode(*endpoint)) {
      options_.supernodes.push_back(*endpoint);
    }
  }
}

void Edge::on(Time now, const RegisterSuperAck& body) {
  if (!link_.waiting || body.cookie != link_.cookie) {
    return;
  }
  if (!learn_key(body)) {
    return counters_.drop(Drop::kUnknownSender);
  }
  learn_supernodes(body);
  link_.waiting = false;
  link_.misses = 0;
  link_.seen = body.seen.endpoint;
  link_.next = now + kRegisterEvery;
  if (link_.for_address) {
    const Subnet subnet{0, body.address.bits};
    if (body.address.ip == 0 || subnet.bits < 8 || subnet.bits > 30) {
      return outbox_.tell("super node " + supernode().text() +
                          " gives no address; --address asks for a fixed one");
    }
    address_ = body.address.ip;
    bits_ = body.address.bits;
    outbox_.addressed(address_, bits_);
    return register_super(now);
  }
  if (!link_.registered) {
    link_.registered = true;
    link_.told = false;
    outbox_.tell("registered with super node " + supernode().text());
    announce(now);
  }
}

void Edge::on(Time now, const RegisterSuperNak& body) {
  // It may come after an acceptance: another super node of the federation has an edge with the
  // addresses of this one.
  if (body.cookie != link_.cookie) {
    return;
  }
  link_.cookie = random_u32(random_);
  link_.waiting = false;
  link_.misses = 0;
  link_.registered = false;
  link_.next = now + kRefusedWait;
  if (!link_.told) {
    link_.told = true;
    outbox_.tell("super node " + supernode().text() +
                 (options_.login
                      ? " refuses this node: it does not know the user with this password, or "
                        "another node has its Ethernet or IPv4 address"
                      : " refuses this node: another one has its Ethernet or IPv4 address"));
  }
  if (options_.wanted == 0) {
    address_ = 0;  // another one may have drawn it at the same time
  }
}

// Tells everybody in the community whose the address is: an ARP request for itself.
void Edge::announce(Time now) {
  auto frame = arp_reply({kEveryone, address_, address_}, options_.mac);
  frame[kEthernet + 7] = 1;
  send_frames(now, frame, {}, kEveryone, supernode());
}

void Edge::change(Time now, const EdgeSettings& settings) {
  options_.multicast = settings.multicast;
  const Endpoint before = supernode();
  const auto same = std::find(settings.supernodes.begin(), settings.supernodes.end(), before);
  if (same == settings.supernodes.end()) {
    leave(now);
    link_ = Link{};
  } else {
    link_.number = static_cast<std::size_t>(same - settings.supernodes.begin());
  }
  options_.supernodes = settings.supernodes;
}

void Edge::leave(Time now) {
  if (link_.registered) {
    send(now, supernode(), UnregisterSuper{auth(), options_.mac});
  }
}

// --- peers ---

Peer* Edge::add_peer(Time now, const Mac& mac) {
  const auto found = peers_.find(mac);
  if (found != peers_.end()) {
    return &found->second;
  }
  if (peers_.size() >= kMaxPeers || mac == kNoMac || mac == options_.mac || (mac[0] & 1U) != 0) {
    counters_.drop(Drop::kLimited);
    return nullptr;
  }
  Peer& peer = peers_[mac];
  peer.mac = mac;
  peer.last_heard = now;
  return &peer;
}

void Edge::want_path(Time now, Peer& peer) {
  if (now < peer.next_ask || !link_.registered) {
    return;
  }
  peer.next_ask = now + (peer.asks < kAsksSoon ? kAskSoon : kAskLater);
  ++peer.asks;
  send_register(now, peer, supernode(), Register::kForwarded);
  send(now, supernode(), QueryPeer{options_.mac, peer.mac});
}

void Edge::send_register(Time now, const Peer& peer, const Endpoint& to, std::uint32_t cookie) {
  Register body;
  body.cookie = cookie;
  body.source = options_.mac;
  body.destination = peer.mac;
  body.address = {address_, static_cast<std::uint8_t>(bits_)};
  body.description = description_of(options_.name);
  send(now, to, body);
}

void Edge::punch(Time now, Peer& peer) {
  peer.punch_until = now + kPunch;
  peer.next_punch = now;
  tick_peer(now, peer);
}

void Edge::tick_peer(Time now, Peer& peer) {
  if (peer.path.empty()) {
    if (now < peer.punch_until && now >= peer.next_punch) {
      peer.next_punch = now + kPunchEach;
      for (const auto& target : peer.targets) {
        send_register(now, peer, target.endpoint, target.cookie);
      }
    }
    return;
  }
  if (peer.unanswered && now - peer.unanswered_since > kPathLost) {
    return lose_path(now, peer);
  }
  if (now < peer.next_probe) {
    return;
  }
  if (!peer.unanswered) {
    peer.unanswered = true;
    peer.unanswered_since = now;
  }
  peer.next_probe = now + kProbeAgain;
  send_register(now, peer, peer.path, peer.cookie);
}

void Edge::lose_path(Time now, Peer& peer) {
  outbox_.tell("direct path to " + mac_text(peer.mac) + " is lost, the super node relays");
  peer.path = {};
  peer.cookie = 0;
  peer.unanswered = false;
  peer.targets.clear();
  peer.asks = 0;
  peer.next_ask = now;
}

void Edge::heard(Time now, Peer& peer) {
  peer.last_heard = now;
  if (peer.unanswered) {
    peer.unanswered = false;
    peer.next_probe = now + (now - peer.last_used < kInUse ? kProbeUsed : kProbeIdle);
  } else if (now - peer.last_used < kInUse) {
    peer.next_probe = std::min(peer.next_probe, now + kProbeUsed);
  }
}

void Edge::on(Time now, const Endpoint& from, const Message& message, const Register& body) {
  const bool for_us = body.destination == options_.mac || body.destination == kNoMac;
  if (body.source == options_.mac || !for_us) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  const bool forwarded = (message.flags & kFromSupernode) != 0;
  if (!forwarded) {
    send(now, from, RegisterAck{body.cookie, body.source, options_.mac, std::nullopt});
  }
  if (forwarded && (!body.socket || body.socket->tcp)) {
    return;
  }
  Peer* const peer = add_peer(now, body.source);
  if (peer == nullptr) {
    return;
  }
  peer->name = name_of(body.description);
  peer->address = body.address.ip;
  peer->last_heard = now;
  const Endpoint there = forwarded ? body.socket->endpoint : from;
  if (peer->path == there) {
    return heard(now, *peer);
  }
  peer->add_target(there, Register::kDirect);
  if (peer->path.empty() && (now >= peer->punch_until || !forwarded)) {
    punch(now, *peer);
  }
}

void Edge::on(Time now, const Endpoint& from, const RegisterAck& body) {
  const auto found = peers_.find(body.source);
  if (body.destination != options_.mac || found == peers_.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  Peer& peer = found->second;
  if (peer.path == from) {
    return heard(now, peer);
  }
  // An answer from where nothing was sent to, or to what was not sent, would be somebody else's.
  const Peer::Target* const target = peer.target(from);
  if (target == nullptr || target->cookie != body.cookie) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  if (!peer.path.empty() && body.cookie <= peer.cookie) {
    return;
  }
  peer.path = from;
  peer.cookie = body.cookie;
  peer.unanswered = true;
  heard(now, peer);
  outbox_.tell("direct path to " + mac_text(peer.mac) + " at " + from.text());
}

void Edge::on(Time now, const PeerInfo& body) {
  if (body.source != options_.mac || body.peer == kNoMac || body.socket.tcp) {
    return;  // the answer to a ping, or of a peer that has no UDP
  }
  const auto found = peers_.find(body.peer);
  if (found == peers_.end()) {
    return counters_.drop(Drop::kUnknownPeer);
  }
  Peer& peer = found->second;
  peer.add_target(body.socket.endpoint, Register::kDirect);
  if (body.preferred && !body.preferred->tcp) {
    peer.add_target(body.preferred->endpoint, Register::kLocal);
  }
  if (peer.path.empty()) {
    punch(now, peer);
  }
}

void Edge::roam(Time now) {
  for (auto& [mac, peer] : peers_) {
    if (!peer.path.empty()) {
      lose_path(now, peer);
    }
  }
  link_.next = now;
}

}  // namespace marvel::vpn::n2n
