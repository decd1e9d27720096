// An edge as a switch: who has an address, frames for all members, and which frames may come in.
//
// A broadcast frame is sealed once for each member, and not once for all under a key that all
// share: only so does a receiver know who sent it, and a member that leaves knows no key. What
// would make most of the broadcast, questions for addresses, is answered here and never sent.
#include "vpn/node/edge.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kMostWaiting = 256;
constexpr Ipv4 kEverywhere = 0xffffffff;
constexpr Ipv4 kMulticast = 0xe0000000;
constexpr Ipv4 kMulticastMask = 0xf0000000;

bool any_contains(const std::vector<Subnet>& networks, Ipv4 address) {
  return std::any_of(networks.begin(), networks.end(),
                     [address](const Subnet& one) { return one.contains(address); });
}

// A packet for one machine, whatever the Ethernet address is: a group's begin with ff (RFC 4291).
bool is_ipv6_to_one(Bytes frame) {
  return has_ipv6_header(frame) && frame[kEthernet + 24] != 0xff;
}

}  // namespace

// --- who has an address ---

Peer* Edge::peer_at(Ipv4 address) const {
  const auto found = by_address_.find(address);
  if (found != by_address_.end() && !found->second->absent) {
    return found->second;
  }
  Peer* owner = nullptr;
  unsigned bits = 0;
  for (const auto& [key, peer] : peers_) {
    const unsigned own = peer->absent ? 0 : bits_behind(*peer, address);
    if (own > bits) {
      owner = peer.get();
      bits = own;
    }
  }
  return owner;
}

// In a network that the peer announces and this node accepts. Addresses of the community are never
// behind a member: each is one member's own.
unsigned Edge::bits_behind(const Peer& peer, Ipv4 address) const {
  unsigned bits = 0;
  for (const Subnet& prefix : peer.prefixes) {
    bits = prefix.contains(address) ? std::max(bits, prefix.bits) : bits;
  }
  const bool taken =
      bits != 0 && any_contains(options_.accepted, address) && !is_of_community(address);
  return taken ? bits : 0;
}

bool Edge::is_of_community(Ipv4 address) const {
  return bits_ != 0 && Subnet{address_ & Subnet{0, bits_}.mask(), bits_}.contains(address);
}

// Whether datagrams to this place would enter the tunnel again.
bool Edge::is_inside(const Endpoint& where) const {
  if (!where.is_ipv4()) {
    return node_of(options_.peers.community, where.address).has_value();
  }
  const Ipv4 address = load_be32(where.address.data() + 12);
  return is_of_community(address) || any_contains(options_.accepted, address);
}

// Asked and answered without the network: who has an address is known from the super node, and its
// Ethernet address follows from its key.
void Edge::arp(Time now, Bytes frame) {
  const auto request = read_arp_request(frame);
  if (!request || request->target == address_ || request->target == 0) {
    return;  // an answer or an announcement of our own
  }
  if (const Peer* const peer = peer_at(request->target)) {
    answer_arp(*request, *peer);
    // Somebody who is not known yet may have a narrower network with it.
    if (request->target == peer->address || !astray_.take(now)) {
      return;
    }
  }
  if (waiting_arps_.size() < kMostWaiting) {
    waiting_arps_[request->target] = {*request, now};
    ask(now, {request->target, {}});
  }
}

void Edge::answer_arp(const ArpRequest& request, const Peer& peer) {
  outbox_.deliver(arp_reply(request, peer.mac), {});
}

// The same for IPv6, where the address itself names the node.
void Edge::neighbour(Time now, const NeighbourQuestion& question) {
  const auto node = node_of(options_.peers.community, question.target);
  if (!node || *node == id_ || question.sender == Ipv6{}) {
    return;
  }
  if (const auto known = by_id_.find(*node); known != by_id_.end()) {
    return outbox_.deliver(neighbour_answer(question, known->second->mac), {});
  }
  if (waiting_questions_.size() < kMostWaiting) {
    waiting_questions_[*node] = {question, now};
    ask(now, {0, *node});
  }
}

// A super node has told about this peer.
void Edge::answer_waiting(const Peer& peer) {
  std::erase_if(waiting_arps_, [&](const auto& entry) {
    const bool known = (entry.first == peer.address || is_behind(peer, entry.first)) &&
                       peer_at(entry.first) == &peer;
    if (known) {
      answer_arp(entry.second.request, peer);
    }
    return known;
  });
  if (const auto waiting = waiting_questions_.find(peer.id); waiting != waiting_questions_.end()) {
    outbox_.deliver(neighbour_answer(waiting->second.question, peer.mac), {});
    waiting_questions_.erase(waiting);
  }
}

// --- frames for all ---

void Edge::flood(Time now, Bytes frame, const FrameInfo& info) {
  if ((!options_.multicast && !is_broadcast(frame)) || is_ipv6_to_one(frame)) {
    return counters_.drop(Drop::kNotCarried);
  }
  if (!flood_.take(now)) {
    return counters_.drop(Drop::kStorm);
  }
  if (now - members_asked_ >= kMembersAgain) {
    members_asked_ = now;
    for (const auto& link : links_) {
      if (link->registered) {
        send_control(now, *link, Everybody{});
      }
    }
  }
  std::size_t sent = 0;
  for (const auto& [key, peer] : peers_) {
    if (peer->address != 0 && !peer->absent && sent++ < kMostFlooded) {
      send_to(now, *peer, frame, info);
    }
  }
}

// --- what may come in ---

// A member may use its own addresses only: the IPv4 address that the super node (and its
// certificate) gave it, those of networks behind it, and the IPv6 address of its key.
bool Edge::is_source_of(const Peer& peer, Bytes frame) const {
  if (source_of(frame) != peer.mac) {
    return false;
  }
  if (has_ipv6_header(frame)) {
    return ipv6_source(frame) == overlay_ipv6(options_.peers.community, peer.id);
  }
  const Ipv4 source = ipv4_source(frame);
  if (peer.address != 0 && source == peer.address) {
    return may_have(peer, source);
  }
  return may_have_behind(peer, source);
}

// Nobody makes this machine forward to places that it does not announce.
bool Edge::is_for_us(Bytes frame) const {
  if (is_to_group(frame) ? !options_.multicast && !is_broadcast(frame)
                         : destination_of(frame) != mac_) {
    return false;
  }
  if (has_ipv6_header(frame)) {
    return is_to_group(frame) ? !is_ipv6_to_one(frame) : ipv6_destination(frame) == ipv6_;
  }
  const Ipv4 to = ipv4_destination(frame);
  if (is_to_group(frame)) {
    return to == kEverywhere || (to & kMulticastMask) == kMulticast ||
           (bits_ != 0 && to == (address_ | ~Subnet{0, bits_}.mask()));
  }
  return to == address_ || any_contains(options_.announced, to);
}

}  // namespace marvel::vpn
