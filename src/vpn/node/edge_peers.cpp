// An edge and its peers: sessions, paths, frames.
#include "vpn/node/edge.hpp"
#include "vpn/offload/full_checksum.hpp"
#include "vpn/offload/too_big.hpp"

#include <algorithm>

namespace marvel::vpn {

Peer* Edge::add_peer(const PublicKey& key) {
  const auto known = peers_.find(key);
  if (known != peers_.end()) {
    return known->second.get();
  }
  if (peers_.size() >= kMaxPeers || key == options_.identity.point) {
    return nullptr;
  }
  // Both are digests that are short enough to be met on purpose: who comes second gets none.
  if (by_mac_.contains(mac_of(key)) || by_id_.contains(node_id(key))) {
    return nullptr;
  }
  const std::size_t largest = kEnvelopeSize + kHeaderSize + kEthernet + options_.mtu + kTagSize;
  auto made = std::make_unique<Peer>(peer_home_, key, largest);
  Peer* const peer = made.get();
  peers_.emplace(key, std::move(made));
  by_mac_[peer->mac] = peer;
  by_id_[peer->id] = peer;
  return peer;
}

void Edge::forget_peer(const PublicKey& key) {
  const auto found = peers_.find(key);
  if (found == peers_.end()) {
    return;
  }
  const Peer& peer = *found->second;
  by_mac_.erase(peer.mac);
  by_id_.erase(peer.id);
  std::erase_if(by_address_, [&peer](const auto& entry) { return entry.second == &peer; });
  peers_.erase(found);
}

void Edge::tick_peer(Time now, Peer& peer) {
  const bool in_use = now - peer.last_used < kRekeyAfter;
  const bool wanted = !peer.channel.ready(now) ? !peer.waiting.empty()
                                               : in_use && peer.channel.wants_new_session(now);
  if (wanted) {
    begin_session(now, peer);
  }
  if (!peer.waiting.empty() && peer.handshake.running(now) > kPeerGivesUp) {
    peer.waiting.clear();
    peer.handshake.stop();
    peer.channel.abandon();
  }
  // A way appeared after the session: a super node that is registered with again.
  if (!peer.waiting.empty() && peer.channel.ready(now) && has_way(peer)) {
    flush_waiting(now, peer);
  }
  // Who it is was told once, and lost.
  if (peer.address == 0 && peer.channel.ready(now) && now - peer.asked > seconds(1)) {
    ask_about(now, peer);
  }
  watch_silence(now, peer);
  watch_path(now, peer);
}

// A peer that was restarted knows our session no more and cannot say so: who gets no answer at all
// asks, and then begins anew.
void Edge::watch_silence(Time now, Peer& peer) {
  if (!peer.silent || !peer.channel.ready(now)) {
    return;
  }
  const Duration silence = now - peer.silent_since;
  if (silence >= kPeerQuestion && now >= peer.next_question) {
    peer.next_question = now + kPeerQuestion;
    send_control(now, peer, Probe{random_u64(random_)}, nullptr);
  }
  if (silence >= kPeerSilent && now - peer.last_used < kPathActive) {
    begin_session(now, peer);
  }
}

void Edge::watch_path(Time now, Peer& peer) {
  const bool was_open = peer.direct.is_open();
  for (const auto& due : peer.direct.due(now)) {
    send_control(now, peer, Probe{due.token}, &due.to);
  }
  if (was_open && !peer.direct.is_open()) {
    tell_path(peer);
    peer.relay_mtu.restart(now);
  }
  probe_mtu(now, peer);
  if (peer.channel.ready(now) && peer.direct.wants_punch(now) && now - peer.asked > seconds(2)) {
    ask_about(now, peer);  // the super node tells both sides, and both punch
  }
}

void Edge::begin_session(Time now, Peer& peer) {
  if (!peer.handshake.due(now)) {
    return;
  }
  const auto message = peer.channel.initiate(now);
  if (message.empty()) {
    return;
  }
  if (peer.direct.is_open()) {
    return send_handshake(peer, message, &peer.direct.endpoint());
  }
  for (const Endpoint& place : peer.near) {
    send_handshake(peer, message, &place);
  }
  if (has_way(peer) || peer.near.empty()) {
    send_handshake(peer, message, nullptr);
  }
}

void Edge::session_began(Time now, Peer& peer) {
  peer.handshake.stop();
  peer.absent = false;
  // The other side may use its session only once it has heard from us.
  if (peer.waiting.empty()) {
    send_control(now, peer, Probe{random_u64(random_)}, nullptr);
  }
  peer.relay_mtu.restart(now);
  probe_mtu(now, peer);
  if (has_way(peer) || peer.near.empty()) {
    flush_waiting(now, peer);
  }
  if (!peer.candidates.empty() || !peer.near.empty()) {
    peer.direct.punch(now, places_of(peer));
  }
}

void Edge::send_handshake(Peer& peer, Bytes message, const Endpoint* to) {
  if (to != nullptr) {
    const MutableBytes room = outbox_.reserve(message.size());
    std::copy(message.begin(), message.end(), room.begin());
    return outbox_.send(*to);
  }
  const Link* const link = relay_of(peer);
  const Session* const hop = link == nullptr ? nullptr : link->channel.current();
  if (hop == nullptr) {
    return counters_.drop(Drop::kNoPath);
  }
  const MutableBytes room = outbox_.reserve(kEnvelopeSize + message.size());
  std::copy(message.begin(), message.end(), room.begin() + kEnvelopeSize);
  write_envelope({hop->facts().remote, peer.id}, hop->hop_send(), room);
  outbox_.send(link->endpoint);
}

// To `to`, or where that is null on the path that frames take.
bool Edge::send_control(Time now, Peer& peer, const Control& message, const Endpoint* to) {
  if (!peer.channel.ready(now)) {
    return false;
  }
  const auto text = encode(message);
  std::vector<std::uint8_t> datagram(kHeaderSize + text.size() + kTagSize);
  std::copy(text.begin(), text.end(), datagram.begin() + kHeaderSize);
  SealedHeader header;
  header.flags = kFlagControl;
  if (!peer.channel.seal(now, header, datagram)) {
    return false;
  }
  const bool direct = to == nullptr && peer.direct.is_open();
  send_handshake(peer, datagram, direct ? &peer.direct.endpoint() : to);
  return true;
}

void Edge::send_frames(Time now, Peer& peer, Segmenter& cut) {
  const bool direct = peer.direct.is_open();
  const Link* const link = direct ? nullptr : relay_of(peer);
  const Session* const hop = link == nullptr ? nullptr : link->channel.current();
  if (!direct && hop == nullptr) {
    return counters_.drop(Drop::kNoPath);
  }
  // A super node that lies about who has an address gets nothing for another member.
  if (options_.peers.authority && !may_get(peer, cut.frame())) {
    return counters_.drop(Drop::kSpoofed);
  }
  const std::size_t front = direct ? 0 : kEnvelopeSize;
  SealedHeader header;
  header.checksum_start = cut.checksum().start;
  header.checksum_offset = cut.checksum().offset;
  header.flags = header.checksum_start != 0 ? kFlagChecksum : 0;
  if (!peer.silent) {
    peer.silent = true;
    peer.silent_since = now;
  }
  const std::size_t limit = mtu_of(peer).size();
  while (!cut.done()) {
    const std::size_t size = cut.next_size();
    if (front + kHeaderSize + size + kTagSize > limit) {
      too_large_.resize(size);
      cut.write(too_large_);
      if (!send_large(now, peer, header, too_large_, link)) {
        continue;
      }
    } else {
      const MutableBytes room = outbox_.reserve(front + kHeaderSize + size + kTagSize);
      cut.write(room.subspan(front + kHeaderSize, size));
      seal_and_send(now, peer, header, room, link);
    }
    ++counters_.frames_sent;
    ++peer.traffic.frames_sent;
    peer.traffic.bytes_sent += size;
    counters_.bytes_sent += size;
  }
}

// `room`: the envelope's place where there is a `link`, header, text, and the tag's place.
void Edge::seal_and_send(Time now, Peer& peer, const SealedHeader& header, MutableBytes room,
                         const Link* link) {
  if (link == nullptr) {
    // What was not sealed must not leave.
    return peer.channel.seal(now, header, room) ? outbox_.send(peer.direct.endpoint())
                                                : counters_.drop(Drop::kNoPath);
  }
  const Session& hop = *link->channel.current();
  if (!peer.channel.seal(now, header, room.subspan(kEnvelopeSize))) {
    return counters_.drop(Drop::kNoPath);
  }
  write_envelope({hop.facts().remote, peer.id}, hop.hop_send(), room);
  outbox_.send(link->endpoint);
}

void Edge::send_halves(Time now, Peer& peer, const SealedHeader& header, Bytes frame,
                       const Link* link) {
  const std::size_t front = link == nullptr ? 0 : kEnvelopeSize;
  const std::size_t middle = (frame.size() + 1) / 2;
  for (const bool first : {true, false}) {
    const Bytes half = first ? frame.first(middle) : frame.subspan(middle);
    const std::uint8_t which = first ? kFlagFirstHalf : kFlagSecondHalf;
    SealedHeader own = header;
    own.flags |= which;
    const MutableBytes room = outbox_.reserve(front + kHeaderSize + half.size() + kTagSize);
    std::copy(half.begin(), half.end(),
              room.begin() + static_cast<std::ptrdiff_t>(front + kHeaderSize));
    seal_and_send(now, peer, own, room, link);
  }
}

bool Edge::send_large(Time now, Peer& peer, const SealedHeader& header, Bytes frame,
                      const Link* link) {
  const PathMtu& path = mtu_of(peer);
  const std::size_t front = (link == nullptr ? 0 : kEnvelopeSize) + kHeaderSize + kTagSize;
  // Before the path is known both halves are sent, and may be lost.
  if (path.is_known() && front + (frame.size() + 1) / 2 > path.size()) {
    refuse_large(now, peer, frame, 2 * (path.size() - front));
    return false;
  }
  send_halves(now, peer, header, frame, link);
  return true;
}

// `room`: bytes of the largest frame that fits.
void Edge::refuse_large(Time now, Peer& peer, Bytes frame, std::size_t room) {
  counters_.drop(Drop::kTooLarge);
  const std::size_t mtu = room - kEthernet;
  if (!peer.told_large) {
    peer.told_large = true;
    outbox_.tell("frames of more than " + std::to_string(mtu) + " bytes do not reach " + peer.name +
                 ": the path is too small; --mtu says how large they are");
  }
  if (is_to_group(frame) || !reports_.take(now)) {
    return;
  }
  const TooBigFrom from{peer.mac, peer.address, overlay_ipv6(options_.peers.community, peer.id)};
  Block<kLargestTooBig> report{};
  const Bytes whole = write_too_big(frame, from, mtu, report);
  if (!whole.empty()) {
    outbox_.deliver(whole, {});
  }
}

// Looks for how much the path takes, while it is used.
void Edge::probe_mtu(Time now, Peer& peer) {
  if (!peer.channel.ready(now) || now - peer.last_used > kPathActive) {
    return;
  }
  const std::size_t front = peer.direct.is_open() ? 0 : kEnvelopeSize;
  if (const auto due = mtu_of(peer).due(now, random_u64(random_))) {
    constexpr std::size_t kEmptyProbe = 11;  // kind, token, size of the padding
    const std::size_t rest = front + kHeaderSize + kEmptyProbe + kTagSize;
    send_control(now, peer, PathProbe{due->token, static_cast<std::uint16_t>(due->size - rest)},
                 nullptr);
  }
}

void Edge::flush_waiting(Time now, Peer& peer) {
  while (!peer.waiting.empty()) {
    const Peer::Waiting one = std::move(peer.waiting.front());
    peer.waiting.pop_front();
    FrameInfo info;
    info.checksum = one.checksum;
    Segmenter cut(one.frame, info);
    send_frames(now, peer, cut);
  }
}

void Edge::receive_frame(Time now, Peer& peer, const SealedHeader& header, Bytes frame) {
  if (frame.size() < kEthernet) {
    return counters_.drop(Drop::kMalformed);
  }
  if ((!has_ipv4_header(frame) && !has_ipv6_header(frame)) || !is_for_us(frame)) {
    return counters_.drop(Drop::kNotCarried);
  }
  // Whose Ethernet address is whose is answered at home, and no member has a say in it.
  if (may_be_neighbour_message(frame)) {
    return counters_.drop(Drop::kNotCarried);
  }
  if (!is_source_of(peer, frame)) {
    return counters_.drop(Drop::kSpoofed);
  }
  if (is_to_group(frame) && !peer.flood.take(now)) {
    return counters_.drop(Drop::kStorm);
  }
  if (!access_.allows(now, peer.id, peer.channel.certificate().groups, frame)) {
    return counters_.drop(Drop::kDenied);
  }
  PartialChecksum checksum;
  if ((header.flags & kFlagChecksum) != 0) {
    checksum = {header.checksum_start, header.checksum_offset};
    // The kernel writes there, after the access list has looked.
    if (!is_checksum_place(frame, checksum)) {
      return counters_.drop(Drop::kMalformed);
    }
  }
  peer.last_used = now;
  peer.direct.used(now);
  ++counters_.frames_received;
  ++peer.traffic.frames_received;
  peer.traffic.bytes_received += frame.size();
  counters_.bytes_received += frame.size();
  outbox_.deliver(frame, checksum);
}

void Edge::peer_text(Time now, Peer& peer, Bytes text, const Endpoint* direct_from, bool relayed) {
  const auto message = decode(text);
  if (!message) {
    return counters_.drop(Drop::kMalformed);
  }
  if (train_text(now, peer, *message, text.size())) {
    return;
  }
  if (const auto* probe = std::get_if<Probe>(&*message)) {
    // The answer goes back where the question came from, whatever path frames take.
    const Endpoint seen = relayed ? Endpoint() : *direct_from;
    send_control(now, peer, ProbeReply{probe->token, seen}, direct_from);
  } else if (const auto* large = std::get_if<PathProbe>(&*message)) {
    const Endpoint seen = relayed ? Endpoint() : *direct_from;
    send_control(now, peer, ProbeReply{large->token, seen}, direct_from);
  } else if (const auto* reply = std::get_if<ProbeReply>(&*message)) {
    if (direct_from != nullptr && *direct_from == peer.direct.endpoint()) {
      peer.seen = reply->seen;
      peer.seen_at = now;
    }
    if (direct_from != nullptr && peer.direct.answered(now, reply->token, *direct_from)) {
      tell_path(peer);
      peer.direct_mtu.restart(now);
      probe_mtu(now, peer);
      flush_waiting(now, peer);
    }
    mtu_of(peer).answered(now, reply->token);
    if (survey_ && survey_->path) {
      survey_->path->on_reply(now, reply->token);
    }
  } else if (std::holds_alternative<Bye>(*message)) {
    peer.direct.close();
    peer.channel.close();
    peer.handshake.stop();
    peer.silent = false;
  }
}

bool Edge::may_have(const Peer& peer, Ipv4 address) const {
  return !options_.peers.authority || peer.channel.certificate().allows(address);
}

bool Edge::may_have_behind(const Peer& peer, Ipv4 address) const {
  return is_behind(peer, address) &&
         (!options_.peers.authority || peer.channel.certificate().allows_prefix({address, 32}));
}

// With certificates: whatever the machine, or a super node, takes for the way to the frame's
// destination, it is the peer's by its certificate. IPv6 addresses follow from keys (frame()).
bool Edge::may_get(const Peer& peer, Bytes frame) const {
  if (is_to_group(frame) || has_ipv6_header(frame)) {
    return peer.address == 0 || may_have(peer, peer.address);
  }
  const Ipv4 to = ipv4_destination(frame);
  return to == peer.address ? may_have(peer, to) : may_have_behind(peer, to);
}

void Edge::on_peer_info(Time now, const PeerInfo& info) {
  Peer* const peer = add_peer(info.key);
  if (peer == nullptr) {
    return;
  }
  if (peer->last_used == Time{}) {
    peer->last_used = now;
  }
  std::erase_if(by_address_, [&](const auto& entry) {
    const bool moved = entry.first == info.address && entry.second != peer;
    if (moved) {
      entry.second->address = 0;
    }
    return moved || entry.second == peer;
  });
  peer->address = info.address;
  peer->absent = false;
  by_address_[info.address] = peer;
  peer->name = info.name;
  peer->candidates = info.candidates;
  peer->candidates.push_back(info.seen);
  // Those that lead through this tunnel would put each datagram into another one.
  std::erase_if(peer->candidates, [this](const Endpoint& one) { return is_inside(one); });
  peer->prefixes = info.prefixes;
  answer_waiting(*peer);
  if (peer->channel.ready(now)) {
    peer->direct.punch(now, places_of(*peer));
  }
}

void Edge::tell_path(const Peer& peer) {
  outbox_.tell(peer.direct.is_open()
                   ? "direct path to " + peer.name + " at " + peer.direct.endpoint().text()
                   : "no direct path to " + peer.name + " any more; its frames are relayed");
}

}  // namespace marvel::vpn
