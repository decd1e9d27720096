// A super node as a relay: sealed datagrams from one edge to another.
#include "vpn/node/supernode_state.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr unsigned kUnknownPerSecond = 2000;

}  // namespace

// Shorter than what it answers, and not more often than that, so that it serves no attack.
void Supernode::send_unknown(Time now, const Endpoint& to, Bytes bytes) {
  counters_.drop(Drop::kUnknownSession);
  if (now - unknown_second_ >= seconds(1)) {
    unknown_second_ = now;
    unknown_in_second_ = 0;
  }
  if (++unknown_in_second_ > kUnknownPerSecond) {
    return;
  }
  const std::uint32_t index = load_le<std::uint32_t>(bytes.data() + 4);
  const MutableBytes room = outbox_.reserve(kUnknownSize);
  store_le(room.data(), static_cast<std::uint32_t>(DatagramType::kUnknown));
  store_le(room.data() + 4, index);
  outbox_.send(to);
}

// A new envelope for the second hop; what is inside stays as it is, sealed between the two edges.
void Supernode::relay(Time now, const Endpoint& from, MutableBytes bytes) {
  const auto envelope = read_envelope(bytes);
  if (!envelope || !may_be_relayed(bytes.subspan(kEnvelopeSize))) {
    return counters_.drop(Drop::kMalformed);
  }
  Channel* const channel = indices_.find(envelope->index);
  const Session* const session = channel == nullptr ? nullptr : channel->session(envelope->index);
  if (session == nullptr || !session->usable(now)) {
    return send_unknown(now, from, bytes);
  }
  if (!check_envelope(bytes, session->hop_receive())) {
    return counters_.drop(Drop::kForged);
  }
  auto& source = static_cast<Client&>(channel->owner());
  const auto found = source.community.by_id.find(envelope->node);
  Client* const target = found == source.community.by_id.end() ? nullptr : found->second;
  const Session* const hop = target == nullptr ? nullptr : target->channel.current();
  if (!source.registered || hop == nullptr || !target->registered) {
    counters_.drop(Drop::kUnknownPeer);
    return send_control(now, source, Absent{0, envelope->node});
  }
  if (limits_.edge_relay > 0 && !source.relay.take(now, static_cast<double>(bytes.size()))) {
    return counters_.drop(Drop::kLimited);
  }
  ++source.relayed;
  write_envelope({hop->facts().remote, source.id}, hop->hop_send(), bytes);
  if (!queue_.is_limited()) {
    return pass_on(*target, bytes);
  }
  if (!queue_.add({target->community.number, target->id}, bytes)) {
    return counters_.drop(Drop::kQueueFull);
  }
  drain(now);
}

void Supernode::set_limits(const SupernodeLimits& limits) {
  limits_.relay = limits.relay;
  limits_.edge_relay = limits.edge_relay;
  queue_.set_rate(limits.relay);
  for (const auto& community : communities_) {
    for (const auto& [key, client] : community->clients) {
      client->limit_relay(limits.edge_relay);
    }
  }
}

void Supernode::pass_on(Client& target, Bytes bytes) {
  const MutableBytes room = outbox_.reserve(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  outbox_.send(target.endpoint);
  ++counters_.relayed;
  counters_.relayed_bytes += bytes.size() - kEnvelopeSize;
}

void Supernode::drain(Time now) {
  queue_.drain(now, [this](const RelayTarget& to, Bytes datagram) {
    for (const auto& community : communities_) {
      const auto found = community->by_id.find(to.node);
      if (community->number == to.community && found != community->by_id.end()) {
        return pass_on(*found->second, datagram);
      }
    }
    counters_.drop(Drop::kUnknownPeer);  // it left meanwhile
  });
}

}  // namespace marvel::vpn
