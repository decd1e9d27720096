// An edge of n2n: frames, and what comes in. edge_messages.cpp has registration and hole punching.
#include "vpn/n2n/edge.hpp"

#include "vpn/n2n/timing.hpp"
#include "vpn/offload/frame.hpp"
#include "vpn/offload/full_checksum.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::size_t kDestinationAt = 30;  // in a packet's head

bool is_group(const Mac& mac) {
  return (mac[0] & 1U) != 0;
}

}  // namespace

Edge::Edge(EdgeOptions options, Random& random, Outbox& outbox)
    : options_(std::move(options)),
      random_(random),
      outbox_(outbox),
      cover_(options_.community, options_.encrypted_header, random, options_.unix_ns_at_zero),
      transform_(options_.cipher, options_.key, random) {
  PacketHead head;
  head.community = options_.community;
  head.source = options_.mac;
  head.transform = static_cast<std::uint8_t>(options_.cipher);
  write_head(head, head_);
  if (options_.login) {
    options_.encrypted_header = true;
    cover_.set_users(std::nullopt);
  }
}

bool Edge::set_candidates(const std::vector<Endpoint>& candidates) {
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [](const Endpoint& one) { return one.is_ipv4(); });
  const auto before = std::exchange(
      preferred_, found == candidates.end() ? std::nullopt : std::optional(Socket{*found}));
  return before && before != preferred_;
}

void Edge::tick(Time now) {
  if (address_ == 0 && options_.wanted != 0) {
    address_ = options_.wanted;
    bits_ = options_.bits;
    outbox_.addressed(address_, bits_);
  }
  tick_link(now);
  for (auto& [mac, peer] : peers_) {
    tick_peer(now, peer);
  }
  std::erase_if(peers_, [now](const auto& entry) {
    return now - std::max(entry.second.last_used, entry.second.last_heard) > kPeerIdle;
  });
}

// IPv4 that neither is this machine's nor goes to a group; n2n calls letting it through routing.
bool Edge::is_foreign(Bytes frame, Ipv4 address) const {
  return has_ipv4_header(frame) && address != address_;
}

bool Edge::carries(const Mac& destination) const {
  return !is_group(destination) || destination == kEveryone || options_.multicast;
}

void Edge::frame(Time now, Bytes frame, const FrameInfo& info) {
  if (frame.size() < kEthernet) {
    return counters_.drop(Drop::kMalformed);
  }
  if (address_ == 0) {
    return counters_.drop(Drop::kNoSupernode);
  }
  if (is_foreign(frame, has_ipv4_header(frame) ? ipv4_source(frame) : 0)) {
    return counters_.drop(Drop::kRouted);
  }
  const Mac destination = destination_of(frame);
  if (!carries(destination)) {
    return counters_.drop(Drop::kMulticast);
  }
  Peer* const peer = is_group(destination) ? nullptr : add_peer(now, destination);
  if (peer != nullptr) {
    peer->last_used = now;
    ++peer->frames_sent;
    if (!peer->path.empty()) {
      return send_frames(now, frame, info, destination, peer->path);
    }
    want_path(now, *peer);
  }
  if (link_.registered) {
    return send_frames(now, frame, info, destination, supernode());
  }
  counters_.drop(Drop::kNoSupernode);
  if (peer == nullptr && is_group(destination)) {  // those that can be reached without a super node
    for (const auto& [mac, one] : peers_) {
      if (!one.path.empty()) {
        send_frames(now, frame, info, destination, one.path);
      }
    }
  }
}

void Edge::send_frames(Time now, Bytes frame, const FrameInfo& info, const Mac& destination,
                       const Endpoint& to) {
  std::copy(destination.begin(), destination.end(), head_.begin() + kDestinationAt);
  Segmenter cut(frame, info);
  while (!cut.done()) {
    const std::size_t size = cut.next_size();
    const std::size_t before = kDirectHead + transform_.overhead();
    if (before + size > kMostDatagram) {
      return counters_.drop(Drop::kMalformed);
    }
    const MutableBytes room = outbox_.reserve(before + size);
    std::copy(head_.begin(), head_.end(), room.begin());
    cut.write(room.subspan(before));
    complete_checksum(room.subspan(before), cut.checksum());
    transform_.seal(room.subspan(kDirectHead));
    cover_.seal(now, room, cover_.packet_header(kDirectHead, room.size() - kDirectHead));
    outbox_.send(to);
    ++counters_.frames_sent;
    counters_.bytes_sent += size;
  }
}

// The clear form of a datagram, and its stamp where it was encrypted; else it is counted.
std::optional<Cover::Opened> Edge::open(MutableBytes bytes) {
  std::optional<Cover::Opened> opened = Cover::Opened{bytes, std::nullopt, std::nullopt, {}};
  if (options_.encrypted_header) {
    opened = cover_.open(bytes);
    if (!opened) {
      counters_.drop(Drop::kUnknownCommunity);
      return std::nullopt;
    }
  }
  const auto type = looks_clear(opened->clear) ? type_of(opened->clear) : std::nullopt;
  if (!type || !cover_.fits(*type, *opened)) {
    counters_.drop(Drop::kMalformed);
    return std::nullopt;
  }
  // Only a super node that has the federation's key can accept.
  if (options_.login && opened->hash && *type == Type::kRegisterSuperAck &&
      !equal_secret(options_.login->shared.trailer(*opened->hash), opened->trailer)) {
    counters_.drop(Drop::kUnknownSender);
    return std::nullopt;
  }
  return opened;
}

void Edge::datagram(Time now, const Endpoint& from, MutableBytes datagram) {
  if (datagram.size() < kCommonSize || datagram.size() > kMostDatagram) {
    return counters_.drop(Drop::kMalformed);
  }
  const auto opened = open(datagram);
  if (!opened) {
    return;
  }
  const MutableBytes bytes = opened->clear;
  const auto& stamp = opened->stamp;
  if (community_in(bytes) != options_.community) {
    return counters_.drop(Drop::kUnknownCommunity);
  }
  if ((load_be16(bytes.data() + 2) & kFromSupernode) != 0 && !is_supernode(from)) {
    return counters_.drop(Drop::kUnknownSender);
  }
  if (type_of(bytes) == Type::kPacket) {
    return packet(now, from, bytes, stamp);
  }
  if (const auto decoded = decode(bytes)) {
    return message(now, from, *decoded, stamp);
  }
  counters_.drop(Drop::kMalformed);
}

void Edge::packet(Time now, const Endpoint& from, MutableBytes bytes, std::optional<Stamp> stamp) {
  const auto head = read_head(bytes);
  if (!head || head->source == options_.mac) {
    return counters_.drop(Drop::kMalformed);
  }
  const bool relayed = (head->flags & kFromSupernode) != 0;
  const auto peer = peers_.find(head->source);
  StampFilter stranger;
  StampFilter* stamps = relayed ? &link_.stamps : &stranger;
  if (!relayed && peer != peers_.end()) {
    stamps = &peer->second.stamps;
  }
  if (!cover_.take(now, *stamps, stamp, StampFilter::Jitter::kSome)) {
    return counters_.drop(Drop::kReplayed);
  }
  if (head->transform != static_cast<std::uint8_t>(options_.cipher)) {
    return counters_.drop(Drop::kOtherCipher);
  }
  const auto opened = transform_.open(bytes.subspan(head->size()));
  if (!opened) {
    return counters_.drop(Drop::kMalformed);
  }
  if (head->compression == kNotPacked) {
    return deliver(now, *head, *opened, from);
  }
  const Bytes unpacked = unpacker_.unpack(head->compression, *opened);
  if (unpacked.empty()) {
    return counters_.drop(Drop::kPacked);
  }
  std::vector<std::uint8_t> frame(unpacked.begin(), unpacked.end());
  deliver(now, *head, frame, from);
}

bool Edge::wanted_frame(const PacketHead& head, Bytes frame) {
  // No cipher of n2n tells whether the key was right; this does nearly always.
  if (frame.size() < kEthernet || source_of(frame) != head.source) {
    counters_.drop(Drop::kOtherKey);
    return false;
  }
  const Mac destination = destination_of(frame);
  if (!carries(destination)) {
    counters_.drop(Drop::kMulticast);
    return false;
  }
  if (is_group(destination)) {
    return true;
  }
  if (destination != options_.mac) {
    counters_.drop(Drop::kUnknownPeer);
    return false;
  }
  if (is_foreign(frame, has_ipv4_header(frame) ? ipv4_destination(frame) : 0)) {
    counters_.drop(Drop::kRouted);
    return false;
  }
  return true;
}

void Edge::deliver(Time now, const PacketHead& head, MutableBytes frame, const Endpoint& from) {
  if (!wanted_frame(head, frame)) {
    return;
  }
  ++counters_.frames_received;
  counters_.bytes_received += frame.size();
  if (Peer* const peer = add_peer(now, head.source)) {
    ++peer->frames_received;
    peer->last_heard = now;
    const bool direct = (head.flags & kFromSupernode) == 0;
    if (direct && peer->path == from) {
      heard(now, *peer);
    } else if (direct && peer->path.empty() && now >= peer->punch_until) {
      peer->add_target(from, Register::kDirect);
      punch(now, *peer);
    }
  }
  const PartialChecksum checksum = verify_checksum(frame);
  outbox_.deliver(frame, checksum);
}

}  // namespace marvel::vpn::n2n
