// An edge: what comes in and where it goes. edge_links.cpp has the side of the super nodes,
// edge_peers.cpp that of the peers.
#include "vpn/node/edge.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr Duration kArpWaits = seconds(3);
constexpr Duration kSweep = seconds(10);
constexpr Duration kSeenLately = kIdleProbe + seconds(2);  // even an idle path was probed since

DatagramType type_of(Bytes bytes) {
  return static_cast<DatagramType>(bytes[0]);
}

std::uint32_t index_of(Bytes bytes) {
  return load_le<std::uint32_t>(bytes.data() + 4);
}

}  // namespace

Edge::Edge(EdgeOptions options, Random& random, Outbox& outbox)
    : options_(std::move(options)),
      random_(random),
      outbox_(outbox),
      peer_home_{options_.identity, options_.peers, random, indices_, options_.unix_ns_at_zero},
      link_home_{options_.identity, options_.supernodes, random, indices_,
                 options_.unix_ns_at_zero},
      id_(node_id(options_.identity.point)),
      mac_(mac_of(options_.identity.point)),
      ipv6_(overlay_ipv6(options_.peers.community, id_)),
      cookies_(random, kCookieRate) {
  access_.set_rules(options_.access);
  certificate_ = options_.peers.own();
  for (const auto& one : options_.list) {
    links_.push_back(std::make_unique<Link>(link_home_, one.endpoint, one.key));
  }
}

void Edge::tick(Time now) {
  for (const auto& link : links_) {
    tick_link(now, *link);
  }
  watch_certificate(now);
  tick_survey(now);
  std::vector<PublicKey> idle;
  for (const auto& [key, peer] : peers_) {
    tick_peer(now, *peer);
    forget_train(now, *peer);
    peer->rates.update(now, peer->traffic);
    // Nothing vouches for a peer that has neither a session nor an address: it may be a stranger.
    const bool stranger = peer->address == 0 && !peer->channel.ready(now);
    if (now - peer->last_used > (stranger ? kHalfOpen : kPeerIdle)) {
      idle.push_back(key);
    }
  }
  for (const PublicKey& key : idle) {
    forget_peer(key);
  }
  std::erase_if(waiting_arps_,
                [now](const auto& entry) { return now - entry.second.since > kArpWaits; });
  std::erase_if(waiting_questions_,
                [now](const auto& entry) { return now - entry.second.since > kArpWaits; });
  rates_.update(now, {counters_.frames_sent, counters_.frames_received, counters_.bytes_sent,
                      counters_.bytes_received});
  if (now >= next_sweep_) {
    next_sweep_ = now + kSweep;
    access_.sweep(now);
    callers_.sweep(now);
    relayed_callers_.sweep(now);
  }
}

NatFinding Edge::nat(Time now) const {
  std::vector<Observation> all;
  for (const auto& link : links_) {
    if (link->registered) {
      all.push_back({link->endpoint, link->seen});
    }
  }
  for (const auto& [key, peer] : peers_) {
    if (peer->direct.is_open() && now - peer->seen_at < kSeenLately) {
      all.push_back({peer->direct.endpoint(), peer->seen});
    }
  }
  return nat_mapping(candidates_, all);
}

void Edge::set_calendar(std::uint64_t unix_ns_at_zero) {
  peer_home_.unix_ns_at_zero = unix_ns_at_zero;
  link_home_.unix_ns_at_zero = unix_ns_at_zero;
}

void Edge::set_membership(const Membership& peers, const Membership& supernodes) {
  options_.peers = peers;
  options_.supernodes = supernodes;
  peer_home_.membership = peers;
  link_home_.membership = supernodes;
  certificate_ = peers.own();
  told_validity_ = Validity::kGood;
  for (const auto& [key, peer] : peers_) {
    if (peers.authority && peers.revoked.covers(peer->channel.certificate().serial)) {
      peer->direct.close();
      peer->channel.close();
      peer->waiting.clear();
    }
  }
}

std::size_t Edge::number_of(const Link& link) const {
  const auto found = std::find_if(links_.begin(), links_.end(),
                                  [&link](const auto& one) { return one.get() == &link; });
  return static_cast<std::size_t>(found - links_.begin());
}

bool Edge::is_link(const ChannelOwner& owner) const {
  return std::any_of(links_.begin(), links_.end(),
                     [&owner](const auto& link) { return link.get() == &owner; });
}

void Edge::datagram(Time now, const Endpoint& from, MutableBytes bytes) {
  if (bytes.size() < kUnknownSize) {
    return counters_.drop(Drop::kMalformed);
  }
  switch (type_of(bytes)) {
    case DatagramType::kSealed:
      return sealed(now, from, bytes, nullptr);
    case DatagramType::kRelay:
      return relayed(now, bytes);
    case DatagramType::kFirst:
      return first_message(now, {&from, nullptr, {}}, bytes);
    case DatagramType::kSecond:
      return second_message(now, bytes);
    case DatagramType::kCookie:
      return cookie(now, bytes);
    case DatagramType::kUnknown:
      return on_unknown(now, from, bytes);
  }
  counters_.drop(Drop::kMalformed);
}

// From a super node only; what is inside is handled as if it had come alone.
void Edge::relayed(Time now, MutableBytes bytes) {
  const auto envelope = read_envelope(bytes);
  if (!envelope) {
    return counters_.drop(Drop::kMalformed);
  }
  Channel* const channel = indices_.find(envelope->index);
  const Session* const session = channel == nullptr ? nullptr : channel->session(envelope->index);
  if (session == nullptr || !session->usable(now) || !is_link(channel->owner())) {
    return counters_.drop(Drop::kUnknownSession);
  }
  if (!check_envelope(bytes, session->hop_receive())) {
    return counters_.drop(Drop::kForged);
  }
  const auto& link = static_cast<const Link&>(channel->owner());
  const MutableBytes inner = bytes.subspan(kEnvelopeSize);
  if (!may_be_relayed(inner)) {
    return counters_.drop(Drop::kMalformed);
  }
  if (type_of(inner) == DatagramType::kFirst) {
    first_message(now, {nullptr, &link, envelope->node}, inner);
  } else if (type_of(inner) == DatagramType::kSecond) {
    second_message(now, inner);
  } else {
    sealed(now, link.endpoint, inner, &link);
  }
}

// A first message costs four multiplications on a curve, and anybody can send it who knows our key.
// So each source has its share; an address that may be made up must show that it is none while
// there are many, and the super node vouches for the id of a node whose message it brings.
bool Edge::may_call(Time now, const Caller& caller, Bytes first) {
  if (caller.direct == nullptr) {
    return relayed_callers_.take(now, caller.node) && relayed_calls_.take(now);
  }
  if (cookies_.admit(now, *caller.direct, first)) {
    return callers_.take(now, source_of(*caller.direct));
  }
  const auto reply = cookies_.reply(now, *caller.direct, first, options_.identity.point);
  const MutableBytes room = outbox_.reserve(reply.size());
  std::copy(reply.begin(), reply.end(), room.begin());
  outbox_.send(*caller.direct);
  return false;
}

void Edge::first_message(Time now, const Caller& caller, Bytes bytes) {
  if (!first_is_for(options_.identity.point, bytes)) {
    return counters_.drop(Drop::kMalformed);
  }
  if (!may_call(now, caller, bytes)) {
    return counters_.drop(Drop::kLimited);
  }
  auto message = read_first(options_.identity, bytes);
  if (!message) {
    return counters_.drop(Drop::kForged);
  }
  // With certificates a stranger is turned away before anything is kept of him.
  const auto& payload = message->payload;
  const PublicKey key = message->noise.remote();
  if (!options_.peers.admit(key, payload.certificate, peer_home_.unix_seconds(now))) {
    return counters_.drop(Drop::kNotAdmitted);
  }
  Peer* const peer = add_peer(key);
  if (peer == nullptr) {
    return counters_.drop(Drop::kLimited);
  }
  const auto answer = peer->channel.respond(now, *message);
  if (answer.empty()) {
    return counters_.drop(Drop::kReplayed);  // and it keeps nothing alive
  }
  peer->last_used = now;
  if (caller.relay != nullptr) {
    peer->via = number_of(*caller.relay);
  }
  send_handshake(*peer, answer, caller.direct);
  if (peer->address == 0 && now - peer->asked > seconds(1)) {
    ask_about(now, *peer);
  }
}

void Edge::second_message(Time now, Bytes bytes) {
  if (!second_is_for(options_.identity.point, bytes)) {
    return counters_.drop(Drop::kMalformed);
  }
  Channel* const channel = indices_.find(load_le<std::uint32_t>(bytes.data() + 8));
  if (channel == nullptr) {
    return counters_.drop(Drop::kUnknownSession);
  }
  if (!channel->finish(now, bytes)) {
    return counters_.drop(Drop::kForged);
  }
  if (!is_link(channel->owner())) {
    return session_began(now, static_cast<Peer&>(channel->owner()));
  }
  auto& link = static_cast<Link&>(channel->owner());
  link.handshake.stop();
  link.unanswered = false;
  link.next_probe = now;
  link.forgotten = false;
  // A new session may be with a super node that was restarted, or has forgotten us.
  renew(now, link);
}

void Edge::cookie(Time now, Bytes bytes) {
  if (bytes.size() != kCookieSize) {
    return counters_.drop(Drop::kMalformed);
  }
  Channel* const channel = indices_.find(index_of(bytes));
  if (channel == nullptr || !channel->take_cookie(bytes) || !is_link(channel->owner())) {
    return;
  }
  // At once: a super node that thousands of edges come back to must not wait for their timers. A
  // cookie is good for one message only, so nobody makes us send more by sending it again.
  auto& link = static_cast<Link&>(channel->owner());
  link.handshake.hurry(now);
  initiate(now, link);
}

void Edge::sealed(Time now, const Endpoint& from, MutableBytes bytes, const Link* relayed_by) {
  if (bytes.size() < kHeaderSize + kTagSize) {
    return counters_.drop(Drop::kMalformed);
  }
  const SealedHeader header = read_sealed_header(bytes);
  Channel* const channel = indices_.find(header.index);
  if (channel == nullptr) {
    return counters_.drop(Drop::kUnknownSession);
  }
  const Channel::Opened opened = channel->open(now, bytes);
  if (opened.verdict != Session::Verdict::kFresh) {
    return counters_.drop(opened.verdict == Session::Verdict::kReplayed ? Drop::kReplayed
                                                                        : Drop::kForged);
  }
  const MutableBytes text = bytes.subspan(kHeaderSize, bytes.size() - kHeaderSize - kTagSize);
  if (is_link(channel->owner())) {
    return link_text(now, static_cast<Link&>(channel->owner()), text);
  }
  auto& peer = static_cast<Peer&>(channel->owner());
  peer.silent = false;
  if (opened.began_session) {
    session_began(now, peer);
  }
  if (relayed_by == nullptr && opened.is_newest && !is_inside(from)) {
    peer.direct.heard_from(now, from);
  }
  // Answers go by the super node that it comes by: it may have lost another one.
  if (relayed_by != nullptr && opened.is_newest) {
    peer.via = number_of(*relayed_by);
  }
  if ((header.flags & kFlagControl) != 0) {
    return peer_text(now, peer, text, relayed_by == nullptr ? &from : nullptr,
                     relayed_by != nullptr);
  }
  if ((header.flags & (kFlagFirstHalf | kFlagSecondHalf)) != 0) {
    const auto which = (header.flags & kFlagFirstHalf) != 0 ? HalfFrames::Which::kFirst
                                                            : HalfFrames::Which::kSecond;
    const PartialChecksum checksum{header.checksum_start, header.checksum_offset};
    if (const auto whole = peer.halves.add(which, header.index, header.counter, text, checksum)) {
      receive_frame(now, peer, header, whole->frame);
    }
    return;
  }
  receive_frame(now, peer, header, text);
}

void Edge::frame(Time now, Bytes frame, const FrameInfo& info) {
  if (frame.size() < kEthernet) {
    return counters_.drop(Drop::kMalformed);
  }
  if (ether_type(frame) == kTypeArp) {
    return arp(now, frame);
  }
  if (const auto question = read_neighbour_question(frame)) {
    return neighbour(now, *question);
  }
  if ((!has_ipv4_header(frame) && !has_ipv6_header(frame)) || may_be_neighbour_message(frame)) {
    return counters_.drop(Drop::kNotCarried);
  }
  if (is_to_group(frame)) {
    return flood(now, frame, info);
  }
  const auto found = by_mac_.find(destination_of(frame));
  if (found == by_mac_.end()) {
    counters_.drop(Drop::kUnknownPeer);
    return ask_for(now, frame);
  }
  // Whatever the machine believes of Ethernet addresses, an IPv6 address is its owner's.
  Peer& peer = *found->second;
  if (has_ipv6_header(frame) &&
      ipv6_destination(frame) != overlay_ipv6(options_.peers.community, peer.id)) {
    return counters_.drop(Drop::kSpoofed);
  }
  send_to(now, peer, frame, info);
}

// The machine remembers an Ethernet address longer than we remember its owner.
void Edge::ask_for(Time now, Bytes frame) {
  if (!astray_.take(now)) {
    return;
  }
  if (has_ipv4_header(frame)) {
    ask(now, {ipv4_destination(frame), {}});
  } else if (const auto node = node_of(options_.peers.community, ipv6_destination(frame))) {
    ask(now, {0, *node});
  }
}

void Edge::send_to(Time now, Peer& peer, Bytes frame, const FrameInfo& info) {
  peer.last_used = now;
  peer.direct.used(now);
  access_.sent(now, peer.id, frame);
  Segmenter cut(frame, info);
  const bool ready = peer.channel.ready(now);
  // Without a super node a session in the local network is there before its path is.
  if (ready && (has_way(peer) || peer.near.empty())) {
    return send_frames(now, peer, cut);
  }
  while (!cut.done()) {
    if (peer.waiting.size() >= kQueuedFrames) {
      return counters_.drop(Drop::kQueueFull);
    }
    std::vector<std::uint8_t> one(cut.next_size());
    cut.write(one);
    peer.waiting.push_back({std::move(one), cut.checksum()});
  }
  if (!ready) {
    begin_session(now, peer);
  }
}

void Edge::leave(Time now) {
  for (const auto& [key, peer] : peers_) {
    send_control(now, *peer, Bye{}, nullptr);
  }
  for (const auto& link : links_) {
    send_control(now, *link, Bye{});
  }
}

}  // namespace marvel::vpn
