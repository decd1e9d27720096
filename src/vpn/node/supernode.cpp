#include "vpn/node/supernode_state.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr Duration kSweep = seconds(1);

std::uint32_t index_of(Bytes bytes) {
  return load_le<std::uint32_t>(bytes.data() + 4);
}

bool is_inside(const Subnet& one, const Subnet& other) {
  return one.bits >= other.bits && other.contains(one.base);
}

}  // namespace

Supernode::Supernode(Random& random, Outbox& outbox, std::uint64_t unix_ns_at_zero,
                     const SupernodeLimits& limits)
    : random_(random),
      outbox_(outbox),
      unix_ns_at_zero_(unix_ns_at_zero),
      limits_(limits),
      cookies_(random, limits.cookie_rate),
      queue_(limits.relay) {}

Supernode::~Supernode() = default;

LeaseTable& Supernode::add(CommunityOptions options) {
  communities_.push_back(std::make_unique<Community>(++added_, std::move(options), random_,
                                                     indices_, unix_ns_at_zero_));
  return communities_.back()->leases;
}

void Supernode::remove(const std::string& community) {
  std::erase_if(communities_, [&](const auto& one) {
    if (one->options.name != community) {
      return false;
    }
    clients_ -= one->clients.size();
    return true;
  });
}

void Supernode::tick(Time now) {
  drain(now);
  if (now < next_sweep_) {
    return;
  }
  next_sweep_ = now + kSweep;
  sources_.sweep(now);
  std::vector<Client*> gone;
  for (const auto& community : communities_) {
    for (const auto& [key, client] : community->clients) {
      const bool half_open = client->endpoint.empty() && now - client->made > kHalfOpen;
      if (half_open || now - client->heard > kClientSilence) {
        gone.push_back(client.get());
      }
    }
  }
  for (Client* const client : gone) {
    forget(*client);
  }
}

void Supernode::forget(Client& client) {
  Community& community = client.community;
  community.by_id.erase(client.id);
  if (const auto found = community.by_address.find(client.address);
      found != community.by_address.end() && found->second == &client) {
    community.by_address.erase(found);
  }
  if (const auto found = community.by_name.find(client.name);
      found != community.by_name.end() && found->second == &client) {
    community.by_name.erase(found);
  }
  --clients_;
  community.clients.erase(PublicKey(client.key));  // a copy: the client dies here
}

void Supernode::datagram(Time now, const Endpoint& from, MutableBytes bytes) {
  if (bytes.size() < kHeaderSize + kTagSize) {
    return counters_.drop(Drop::kMalformed);
  }
  switch (static_cast<DatagramType>(bytes[0])) {
    case DatagramType::kRelay:
      return relay(now, from, bytes);
    case DatagramType::kSealed:
      return sealed(now, from, bytes);
    case DatagramType::kFirst:
      return first_message(now, from, bytes);
    case DatagramType::kSecond:
    case DatagramType::kCookie:
    case DatagramType::kUnknown:
      break;  // it begins no handshake
  }
  counters_.drop(Drop::kMalformed);
}

void Supernode::first_message(Time now, const Endpoint& from, Bytes bytes) {
  // Communities of certificates may share one identity; the message itself names the community.
  const auto ours = std::find_if(communities_.begin(), communities_.end(), [&](const auto& one) {
    return first_is_for(one->options.identity.point, bytes);
  });
  if (ours == communities_.end()) {
    return counters_.drop(Drop::kMalformed);
  }
  const KeyPairX& identity = (*ours)->options.identity;
  if (!cookies_.admit(now, from, bytes)) {
    counters_.drop(Drop::kLimited);
    const auto reply = cookies_.reply(now, from, bytes, identity.point);
    const MutableBytes room = outbox_.reserve(reply.size());
    std::copy(reply.begin(), reply.end(), room.begin());
    return outbox_.send(from);
  }
  // Handshakes cost four multiplications on a curve each; no source may take more than its share.
  if (!sources_.take(now, source_of(from))) {
    return counters_.drop(Drop::kLimited);
  }
  auto message = read_first(identity, bytes);
  if (!message) {
    return counters_.drop(Drop::kForged);
  }
  const auto named = std::find_if(communities_.begin(), communities_.end(), [&](const auto& one) {
    return one->options.membership.community == message->payload.community &&
           one->options.identity.point == identity.point;
  });
  Client* const client = named == communities_.end() ? nullptr : admit(now, **named, *message);
  if (client == nullptr) {
    return counters_.drop(Drop::kNotAdmitted);
  }
  const auto answer = client->channel.respond(now, *message);
  if (answer.empty()) {
    return counters_.drop(Drop::kReplayed);
  }
  const MutableBytes room = outbox_.reserve(answer.size());
  std::copy(answer.begin(), answer.end(), room.begin());
  outbox_.send(from);
}

void Supernode::set_calendar(std::uint64_t unix_ns_at_zero) {
  unix_ns_at_zero_ = unix_ns_at_zero;
  for (const auto& community : communities_) {
    community->home.unix_ns_at_zero = unix_ns_at_zero;
  }
}

void Supernode::set_membership(const std::string& community, const Membership& membership) {
  Community* const ours = named(community);
  ours->options.membership = membership;
  ours->home.membership = membership;
  std::vector<Client*> expelled;
  for (const auto& [key, client] : ours->clients) {
    if (membership.revoked.covers(client->channel.certificate().serial)) {
      expelled.push_back(client.get());
    }
  }
  for (Client* const client : expelled) {
    forget(*client);
  }
}

const Membership& Supernode::membership(const std::string& community) const {
  return named(community)->options.membership;
}

Supernode::Community* Supernode::named(const std::string& community) const {
  const auto found = std::find_if(communities_.begin(), communities_.end(),
                                  [&](const auto& one) { return one->options.name == community; });
  return found == communities_.end() ? nullptr : found->get();
}

Supernode::Client* Supernode::admit(Time now, Community& community, const FirstMessage& message) {
  const PublicKey key = message.noise.remote();
  const auto known = community.clients.find(key);
  if (known != community.clients.end()) {
    return known->second.get();
  }
  const bool member = community.options.membership
                          .admit(key, message.payload.certificate, community.home.unix_seconds(now))
                          .has_value();
  if (!member || clients_ >= kMaxClients) {
    return nullptr;
  }
  auto made = std::make_unique<Client>(community, key, limits_.edge_relay);
  made->made = now;
  made->heard = now;
  Client* const client = made.get();
  community.clients.emplace(key, std::move(made));
  community.by_id[client->id] = client;
  ++clients_;
  return client;
}

void Supernode::sealed(Time now, const Endpoint& from, MutableBytes bytes) {
  Channel* const channel = indices_.find(index_of(bytes));
  if (channel == nullptr) {
    return send_unknown(now, from, bytes);
  }
  const SealedHeader header = read_sealed_header(bytes);
  const Channel::Opened opened = channel->open(now, bytes);
  if (opened.verdict != Session::Verdict::kFresh) {
    return counters_.drop(opened.verdict == Session::Verdict::kReplayed ? Drop::kReplayed
                                                                        : Drop::kForged);
  }
  auto& client = static_cast<Client&>(channel->owner());
  client.heard = now;
  if (opened.is_newest || opened.began_session) {
    client.endpoint = from;  // an edge that moves is followed by its first packet
  }
  if ((header.flags & kFlagControl) == 0) {
    return counters_.drop(Drop::kNotCarried);
  }
  on_text(now, client, from,
          Bytes(bytes).subspan(kHeaderSize, bytes.size() - kHeaderSize - kTagSize));
}

void Supernode::send_control(Time now, Client& client, const Control& message) {
  if (!client.channel.ready(now)) {
    return;
  }
  const auto text = encode(message);
  const MutableBytes room = outbox_.reserve(kHeaderSize + text.size() + kTagSize);
  std::copy(text.begin(), text.end(), room.begin() + kHeaderSize);
  SealedHeader header;
  header.flags = kFlagControl;
  if (client.channel.seal(now, header, room)) {
    outbox_.send(client.endpoint);
  }
}

void Supernode::on_text(Time now, Client& client, const Endpoint& from, Bytes text) {
  const auto message = decode(text);
  if (!message) {
    return counters_.drop(Drop::kMalformed);
  }
  const bool vital = std::holds_alternative<Probe>(*message) ||
                     std::holds_alternative<Register>(*message) ||
                     std::holds_alternative<Bye>(*message);
  if (!(vital ? client.vital : client.control).take(now)) {
    return counters_.drop(Drop::kLimited);
  }
  if (const auto* probe = std::get_if<Probe>(&*message)) {
    // An answer would say that it is registered.
    if (client.registered) {
      send_control(now, client, ProbeReply{probe->token, from});
    }
  } else if (const auto* registration = std::get_if<Register>(&*message)) {
    on_register(now, client, *registration);
  } else if (const auto* find = std::get_if<Find>(&*message)) {
    on_find(now, client, *find);
  } else if (std::holds_alternative<Everybody>(*message)) {
    on_everybody(now, client);
  } else if (std::holds_alternative<Bye>(*message)) {
    forget(client);
  }
}

void Supernode::on_register(Time now, Client& client, const Register& message) {
  Community& community = client.community;
  const auto refuse = [&](Refused::Reason reason) { send_control(now, client, Refused{reason}); };
  const Certificate& certificate = client.channel.certificate();
  const bool by_certificate = community.options.membership.authority.has_value();
  if (by_certificate && certificate.name != message.name) {
    return refuse(Refused::Reason::kNotAllowed);
  }
  const auto same = community.by_name.find(message.name);
  if (same != community.by_name.end() && same->second != &client) {
    return refuse(Refused::Reason::kNameTaken);
  }
  // Addresses of the community are members' own, and nobody has others' behind it. A network around
  // the community's is another matter: edges never take it for a way to those addresses.
  if (std::any_of(message.prefixes.begin(), message.prefixes.end(),
                  [&](const Subnet& one) { return is_inside(one, community.options.subnet); })) {
    return refuse(Refused::Reason::kNotAllowed);
  }
  if (by_certificate &&
      !std::all_of(message.prefixes.begin(), message.prefixes.end(),
                   [&](const Subnet& one) { return certificate.allows_prefix(one); })) {
    return refuse(Refused::Reason::kNotAllowed);
  }
  const auto connected = [&community](const PublicKey& key) {
    const auto found = community.clients.find(key);
    return found != community.clients.end() && found->second->registered;
  };
  const auto allowed = by_certificate ? certificate.addresses : std::vector<Subnet>{};
  const auto address =
      community.leases.lease(now, client.key, message.name, message.wanted, connected, allowed);
  if (!address) {
    return refuse(address.error());
  }
  std::erase_if(community.by_address,
                [&client](const auto& entry) { return entry.second == &client; });
  std::erase_if(community.by_name,
                [&client](const auto& entry) { return entry.second == &client; });
  client.registered = true;
  client.name = message.name;
  client.address = *address;
  client.candidates = message.candidates;
  client.prefixes = message.prefixes;
  community.by_address[client.address] = &client;
  community.by_name[client.name] = &client;
  send_control(
      now, client,
      Lease{*address, static_cast<std::uint8_t>(community.options.subnet.bits), client.endpoint});
}

// The node with this address, or the one whose network holds it; of several the narrowest counts.
Supernode::Client* Supernode::owner_of(const Community& community, Ipv4 address) {
  if (const auto at = community.by_address.find(address); at != community.by_address.end()) {
    return at->second;
  }
  Client* owner = nullptr;
  unsigned bits = 0;
  for (const auto& [key, client] : community.clients) {
    for (const Subnet& prefix : client->prefixes) {
      if (client->registered && prefix.contains(address) && prefix.bits > bits) {
        owner = client.get();
        bits = prefix.bits;
      }
    }
  }
  return owner;
}

// Many answers to one question, so not often: an edge that floods asks each half a minute.
void Supernode::on_everybody(Time now, Client& client) {
  if (!client.registered || now - client.listed < kMembersAgain / 2) {
    return counters_.drop(Drop::kLimited);
  }
  client.listed = now;
  std::size_t told = 0;
  for (const auto& [key, other] : client.community.clients) {
    if (other->registered && other.get() != &client && told++ < kMostFlooded) {
      send_control(now, client, other->info());
    }
  }
}

// Both sides are told, so that both punch at the same time.
void Supernode::on_find(Time now, Client& client, const Find& find) {
  Client* found = nullptr;
  if (find.address != 0) {
    found = owner_of(client.community, find.address);
  } else {
    const auto at = client.community.by_id.find(find.node);
    found = at == client.community.by_id.end() ? nullptr : at->second;
  }
  if (!client.registered || found == nullptr || !found->registered || found == &client) {
    return send_control(now, client, Absent{find.address, find.node});
  }
  send_control(now, client, found->info());
  send_control(now, *found, client.info());
}

std::vector<Supernode::ClientView> Supernode::clients() const {
  std::vector<ClientView> views;
  for (const auto& community : communities_) {
    for (const auto& [key, client] : community->clients) {
      if (client->registered) {
        views.push_back({community->options.name, client->name, client->address, key,
                         client->endpoint, client->relayed});
      }
    }
  }
  return views;
}

}  // namespace marvel::vpn
