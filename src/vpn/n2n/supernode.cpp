#include "vpn/n2n/supernode.hpp"

#include "base/check.hpp"
#include "vpn/n2n/supernode_state.hpp"
#include "vpn/n2n/timing.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr unsigned kRemindersPerSecond = 200;  // to edges that are not registered
constexpr std::size_t kMostPassing = 256;      // communities by patterns
constexpr Duration kSweep = seconds(1);

// Broadcast, IPv4 multicast (RFC 1112) and IPv6 multicast (RFC 2464).
bool goes_to_all(const Mac& mac) {
  return mac == kEveryone ||
         (mac[0] == 0x01 && mac[1] == 0x00 && mac[2] == 0x5e && mac[3] < 0x80) ||
         (mac[0] == 0x33 && mac[1] == 0x33);
}

}  // namespace

Supernode::Supernode(SupernodeOptions options, Random& random, Outbox& outbox)
    : options_(std::move(options)), random_(random), outbox_(outbox) {
  const std::string_view name =
      options_.federation.empty() ? kDefaultFederation : std::string_view(options_.federation);
  const auto federation = federation_of(name);
  MARVEL_CHECK(federation.has_value(), "a federation's name has 1 to 18 bytes");
  federation_name_ = *federation;
  key_ = federation_key(name);
  key_time_ = options_.key_time;
  if (options_.federation.empty()) {
    return;
  }
  federation_ = std::make_unique<Federation>(*federation, random_, options_.unix_ns_at_zero);
  for (const auto& endpoint : options_.federated) {
    if (Peer* const peer = add_peer(Time{}, endpoint, kNoMac)) {
      peer->fixed = true;
    }
  }
}
Supernode::~Supernode() = default;

void Supernode::set_calendar(std::uint64_t unix_ns_at_zero) {
  options_.unix_ns_at_zero = unix_ns_at_zero;
  for (const auto& group : groups_) {
    group->cover.set_calendar(unix_ns_at_zero);
  }
  if (federation_) {
    federation_->cover.set_calendar(unix_ns_at_zero);
  }
}

void Supernode::tick(Time now) {
  if (started_ == Time{}) {
    started_ = now;
  }
  tick_federation(now);
  if (now < next_sweep_) {
    return;
  }
  next_sweep_ = now + kSweep;
  for (const auto& group : groups_) {
    std::erase_if(group->edges,
                  [now](const auto& entry) { return now - entry.second.seen > kEdgeSilence; });
    std::erase_if(group->away,
                  [now](const auto& entry) { return now - entry.second.seen > kAwaySilence; });
    if (group->edges.empty() && group->users.empty()) {
      group->form = Group::Form::kUnknown;
    }
  }
  std::erase_if(groups_, [](const auto& group) {
    return group->passing && group->edges.empty() && group->away.empty();
  });
}

// --- what comes in ---

// The community of a clear datagram; for a registration it is made where a pattern allows it.
Supernode::Group* Supernode::clear_group(MutableBytes bytes) {
  const Community community = community_in(bytes);
  if (const auto found = find_group(community); found != groups_.end()) {
    return (*found)->form == Group::Form::kEncrypted ? nullptr : found->get();
  }
  const std::string name = name_of(community);
  const bool allowed = type_of(bytes) == Type::kRegisterSuper &&
                       std::any_of(patterns_.begin(), patterns_.end(),
                                   [&name](const auto& one) { return one.matches(name); });
  const auto passing =
      std::count_if(groups_.begin(), groups_.end(), [](const auto& one) { return one->passing; });
  if (!allowed || static_cast<std::size_t>(passing) >= kMostPassing ||
      community_of(name) != community || !add(CommunityEntry{name, std::nullopt, {}})) {
    return nullptr;
  }
  groups_.back()->passing = true;
  groups_.back()->form = Group::Form::kClear;
  return groups_.back().get();
}

void Supernode::datagram(Time now, const Endpoint& from, MutableBytes bytes) {
  if (bytes.size() < kCommonSize || bytes.size() > kMostDatagram) {
    return counters_.drop(Drop::kMalformed);
  }
  if (looks_clear(bytes)) {
    if (Group* const group = clear_group(bytes)) {
      return open(now, from, *group, {bytes, std::nullopt, std::nullopt, {}});
    }
  }
  for (const auto& group : groups_) {
    if (group->form == Group::Form::kClear) {
      continue;
    }
    if (const auto opened = group->cover.open(bytes)) {
      if (!looks_clear(opened->clear) || !group->cover.fits(*type_of(opened->clear), *opened)) {
        return counters_.drop(Drop::kMalformed);
      }
      return open(now, from, *group, *opened);
    }
  }
  if (federation_) {
    if (const auto opened = federation_->cover.open(bytes)) {
      return on_federation(now, from, *opened);
    }
  }
  counters_.drop(Drop::kUnknownCommunity);
}

void Supernode::open(Time now, const Endpoint& from, Group& group, const Cover::Opened& opened) {
  group.cover.set_encrypted(opened.stamp.has_value());
  Incoming in{from, group, opened};
  if ((load_be16(opened.clear.data() + 2) & kFromSupernode) != 0) {
    in.peer = peer_at(now, from);
    if (in.peer == nullptr) {
      return counters_.drop(Drop::kUnknownSender);
    }
  }
  if (type_of(opened.clear) == Type::kPacket) {
    return packet(now, in);
  }
  const auto decoded = decode(opened.clear);
  if (!decoded) {
    return counters_.drop(Drop::kMalformed);
  }
  if (in.peer != nullptr) {
    return message_of_peer(now, in, *decoded);
  }
  message(now, in, *decoded);
}

void Supernode::message(Time now, const Incoming& in, const Message& message) {
  if (const auto* const one = std::get_if<RegisterSuper>(&message.body)) {
    on(now, in, *one);
  } else if (const auto* const two = std::get_if<UnregisterSuper>(&message.body)) {
    on(now, in, *two);
  } else if (const auto* const three = std::get_if<Register>(&message.body)) {
    on(now, in, *three, message.ttl);
  } else if (const auto* const four = std::get_if<QueryPeer>(&message.body)) {
    on(now, in, *four);
  } else {
    counters_.drop(Drop::kMalformed);
  }
}

void Supernode::send(Time now, Group& group, const Endpoint& to, std::uint8_t ttl, const Body& body,
                     const SharedKey* user) {
  // The flag is set in this answer, whose socket is always there, and follows from the body
  // elsewhere.
  const bool is_ack = std::holds_alternative<RegisterSuperAck>(body);
  const auto flags = static_cast<std::uint16_t>(kFromSupernode | (is_ack ? kHasSocket : 0));
  send_message(now, group.cover, outbox_, to, {ttl, flags, group.community, body}, user);
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
      send(now, in.group, in.from, kTtl, ReRegisterSuper{});
    }
    return nullptr;
  }
  if (!in.group.cover.take(now, found->second.stamps, in.opened.stamp, jitter)) {
    counters_.drop(Drop::kReplayed);
    return nullptr;
  }
  found->second.seen = now;
  return &found->second;
}

// --- frames ---

void Supernode::packet(Time now, const Incoming& in) {
  const Bytes bytes = in.opened.clear;
  const auto head = read_head(bytes);
  if (!head || head->ttl < 1 || (in.peer != nullptr && !head->socket)) {
    return counters_.drop(Drop::kMalformed);
  }
  PacketHead next = *head;
  if (in.peer == nullptr) {
    Edge* const from = sender(now, in, head->source, Jitter::kSome);
    if (from == nullptr) {
      return;
    }
    if (goes_to_all(head->destination) && !from->flood.take(now)) {
      return counters_.drop(Drop::kStorm);
    }
    ++from->relayed;
    next.ttl = static_cast<std::uint8_t>(head->ttl - 1);
    next.flags = kFromSupernode;
    next.socket = Socket{in.from};
  } else if (!in.group.cover.take(now, in.peer->stamps, in.opened.stamp, Jitter::kSome)) {
    return counters_.drop(Drop::kReplayed);
  }
  const Bytes payload = bytes.subspan(head->size());
  if (goes_to_all(head->destination)) {
    for (const auto& [mac, edge] : in.group.edges) {
      if (mac != head->source) {
        pass_on(now, in, next, payload, edge.endpoint);
      }
    }
  } else if (const auto found = in.group.edges.find(head->destination);
             found != in.group.edges.end()) {
    return pass_on(now, in, next, payload, found->second.endpoint);
  }
  // What a super node has sent goes to no other one, so nothing goes round.
  const auto places =
      in.peer != nullptr ? std::vector<Endpoint>() : elsewhere(now, in.group, head->destination);
  for (const auto& place : places) {
    pass_on(now, in, next, payload, place);
  }
  if (places.empty() && !goes_to_all(head->destination)) {
    counters_.drop(Drop::kUnknownPeer);
  }
}

void Supernode::pass_on(Time now, const Incoming& in, const PacketHead& head, Bytes payload,
                        const Endpoint& to) {
  const std::size_t size = head.size();
  if (size + payload.size() > kMostDatagram) {
    return counters_.drop(Drop::kMalformed);
  }
  const MutableBytes room = outbox_.reserve(size + payload.size());
  write_head(head, room);
  std::copy(payload.begin(), payload.end(), room.begin() + static_cast<std::ptrdiff_t>(size));
  in.group.cover.seal(now, room, in.group.cover.packet_header(size, payload.size()));
  outbox_.send(to);
  ++counters_.relayed;
  counters_.relayed_bytes += payload.size();
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
