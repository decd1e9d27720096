// An edge and the members in its local network, which it finds by their beacons: see wire/beacon.
//
// A beacon comes from somebody who knows the community's secret, and no more: it may be repeated,
// and a member may lie in it. So it only says where to try; a handshake proves who is there. Whose
// address is whose a super node decides; only while there is none a beacon is believed, where
// nobody else has the address.
#include "vpn/node/edge.hpp"
#include "vpn/wire/beacon.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::uint64_t kMostAge = 300;  // seconds, either way: clocks may differ

}  // namespace

std::vector<std::uint8_t> Edge::beacon(Time now) {
  if (address_ == 0) {
    return {};
  }
  Beacon own;
  own.unix_seconds = peer_home_.unix_seconds(now);
  own.info = {options_.identity.point, address_, options_.name, {}, candidates_,
              options_.announced};
  return seal_beacon(beacon_key(options_.peers), random_, own);
}

void Edge::on_beacon(Time now, Bytes bytes) {
  if (!beacons_.take(now)) {
    return counters_.drop(Drop::kLimited);
  }
  const auto beacon = open_beacon(beacon_key(options_.peers), bytes);
  if (!beacon || beacon->info.key == options_.identity.point) {
    return;  // of another community, or our own
  }
  const std::uint64_t today = peer_home_.unix_seconds(now);
  const std::uint64_t age =
      std::max(today, beacon->unix_seconds) - std::min(today, beacon->unix_seconds);
  if (age > kMostAge) {
    return counters_.drop(Drop::kReplayed);
  }
  Peer* const peer = add_peer(beacon->info.key);
  if (peer == nullptr) {
    return counters_.drop(Drop::kLimited);
  }
  peer->near = beacon->info.candidates;
  std::erase_if(peer->near, [this](const Endpoint& one) { return is_inside(one); });
  if (peer->last_used == Time{}) {
    peer->last_used = now;
  }
  peer->absent = peer->absent && leader() != nullptr;
  if (peer->address == 0) {
    introduce(now, *peer, beacon->info);
  }
  if (peer->channel.ready(now)) {
    peer->direct.punch(now, places_of(*peer));
  }
}

// Who is it?
void Edge::introduce(Time now, Peer& peer, const PeerInfo& info) {
  if (leader() != nullptr) {
    if (now - peer.asked > seconds(1)) {
      ask_about(now, peer);
    }
    return;
  }
  const bool free = info.address != address_ && !by_address_.contains(info.address);
  if (!free || !is_of_community(info.address)) {
    return counters_.drop(Drop::kSpoofed);
  }
  peer.address = info.address;
  by_address_[info.address] = &peer;
  peer.name = info.name;
  peer.prefixes = info.prefixes;
  answer_waiting(peer);
}

std::vector<Endpoint> Edge::places_of(const Peer& peer) {
  std::vector<Endpoint> places = peer.near;
  places.insert(places.end(), peer.candidates.begin(), peer.candidates.end());
  return places;
}

// Whether a frame for it can leave now.
bool Edge::has_way(const Peer& peer) const {
  const Link* const link = relay_of(peer);
  return peer.direct.is_open() || (link != nullptr && link->channel.current() != nullptr);
}

}  // namespace marvel::vpn
