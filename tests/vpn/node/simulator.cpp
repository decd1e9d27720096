#include "vpn/node/simulator.hpp"

#include <algorithm>

namespace marvel::vpn::sim {
namespace {

constexpr std::size_t kIpv4Header = 20;

Ipv4 address_of(const Endpoint& endpoint) {
  return load_be32(endpoint.address.data() + 12);
}

std::vector<std::uint8_t> arp_request(const Mac& from, Ipv4 sender, Ipv4 target) {
  auto frame = arp_reply({Mac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, target, sender}, from);
  frame[kEthernet + 7] = 1;  // request
  return frame;
}

}  // namespace

std::string_view nat_name(NatKind kind) {
  constexpr std::array<std::string_view, 5> kNames{"none", "full cone", "restricted",
                                                   "port restricted", "symmetric"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Endpoint Nat::out(const Endpoint& inside, const Endpoint& to) {
  for (Mapping& one : mappings_) {
    if (one.inside == inside && (kind_ != NatKind::kSymmetric || one.only == to)) {
      one.contacted.insert(to);
      return Endpoint::from_ipv4(outside_, one.port);
    }
  }
  mappings_.push_back({inside, next_port_, {to}, to});
  next_port_ = static_cast<std::uint16_t>(next_port_ + 7);
  return Endpoint::from_ipv4(outside_, mappings_.back().port);
}

Endpoint Nat::in(const Endpoint& from, std::uint16_t port) const {
  for (const Mapping& one : mappings_) {
    if (one.port != port) {
      continue;
    }
    const bool address_known =
        std::any_of(one.contacted.begin(), one.contacted.end(),
                    [&from](const Endpoint& to) { return to.address == from.address; });
    const bool let_in = kind_ == NatKind::kFullCone ||
                        (kind_ == NatKind::kRestricted && address_known) ||
                        one.contacted.contains(from);
    return let_in ? one.inside : Endpoint();
  }
  return {};
}

void Nat::renumber(Ipv4 outside) {
  outside_ = outside;
  mappings_.clear();
}

MutableBytes Machine::reserve(std::size_t size) {
  room_.assign(size, 0);
  return room_;
}

void Machine::send(const Endpoint& to) {
  const std::vector<std::uint8_t> bytes = std::move(room_);
  net_.transmit(*this, to, bytes);
}

void Machine::deliver(Bytes frame, const PartialChecksum& /*checksum*/) {
  if (ether_type(frame) == kTypeArp) {
    Mac mac{};
    std::copy_n(frame.begin() + kEthernet + 8, mac.size(), mac.begin());
    arp[load_be32(frame.data() + kEthernet + 14)] = mac;
    return;
  }
  frames.emplace_back(frame.begin(), frame.end());
}

void Machine::addressed(Ipv4 address, unsigned bits) {
  told.push_back("address " + ipv4_text(address) + "/" + std::to_string(bits));
}

std::vector<std::uint8_t> text_frame(const Mac& to, const Mac& from, Ipv4 destination, Ipv4 source,
                                     const std::string& text) {
  std::vector<std::uint8_t> frame(kEthernet + kIpv4Header + text.size());
  std::copy(to.begin(), to.end(), frame.begin());
  std::copy(from.begin(), from.end(), frame.begin() + 6);
  store_be16(frame.data() + 12, kTypeIpv4);
  std::uint8_t* const ip = frame.data() + kEthernet;
  ip[0] = 0x45;
  store_be16(ip + 2, static_cast<std::uint16_t>(kIpv4Header + text.size()));
  ip[8] = 64;
  ip[9] = 253;
  store_be32(ip + 12, source);
  store_be32(ip + 16, destination);
  std::copy(text.begin(), text.end(), ip + kIpv4Header);
  return frame;
}

void Machine::say(const Machine& other, const std::string& text) {
  const Ipv4 to = other.edge->address();
  if (!arp.contains(to)) {
    edge->frame(net_.now(), arp_request(edge->mac(), edge->address(), to), {});
  }
  if (const auto mac = arp.find(to); mac != arp.end()) {
    edge->frame(net_.now(), text_frame(mac->second, edge->mac(), to, edge->address(), text), {});
  }
}

std::vector<std::string> Machine::heard() {
  std::vector<std::string> texts;
  for (const auto& frame : frames) {
    texts.push_back(text_of(Bytes(frame).subspan(kEthernet + kIpv4Header)));
  }
  frames.clear();
  return texts;
}

const Peer* Machine::peer(const Machine& other) const {
  const auto found = edge->peers().find(other.edge->public_key());
  return found == edge->peers().end() ? nullptr : found->second.get();
}

bool Machine::direct_to(const Machine& other) const {
  const Peer* const one = peer(other);
  return one != nullptr && one->direct.is_open();
}

Machine& Net::machine(Ipv4 address, Nat* nat) {
  machines_.push_back(
      std::make_unique<Machine>(*this, Endpoint::from_ipv4(address, kDefaultPort), nat));
  return *machines_.back();
}

Nat& Net::nat(NatKind kind) {
  nats_.push_back(
      std::make_unique<Nat>(kind, 0xcb007100 + static_cast<Ipv4>(nats_.size()) + 1));  // 203.0.113
  return *nats_.back();
}

Time Net::leaves_at(const Machine& from, std::size_t size) {
  const auto rate = rate_of.find(from.inside);
  if (rate == rate_of.end()) {
    return now_;
  }
  Time& free = free_at_[from.inside];
  const double takes = 1e9 * static_cast<double>(size) / rate->second;
  free = std::max(free, now_) + Duration(static_cast<std::int64_t>(takes));
  return free;
}

void Net::transmit(Machine& from, const Endpoint& to, Bytes bytes) {
  const bool within = from.nat != nullptr && machine_at(to, from.nat) != nullptr;
  const Endpoint source =
      from.nat == nullptr || within ? from.inside : from.nat->out(from.inside, to);
  const Time leaves = leaves_at(from, bytes.size());
  const int copies = wire_rng_.uniform() < wire.twice ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    if (wire_rng_.uniform() < wire.loss || bytes.size() > wire.largest) {
      continue;
    }
    std::vector<std::uint8_t> sent(bytes.begin(), bytes.end());
    if (wire_rng_.uniform() < wire.damage && !sent.empty()) {
      const auto bit = wire_rng_.below(static_cast<std::uint32_t>(sent.size() * 8));
      sent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    const double spread = static_cast<double>((wire.longest - wire.shortest).count());
    const Duration delay =
        wire.shortest + Duration(static_cast<std::int64_t>(spread * wire_rng_.uniform()));
    Machine* const direct = within ? machine_at(to, from.nat) : nullptr;
    events_.push({leaves + delay, events_made_++, source, to, std::move(sent), direct});
  }
}

void Net::inject(const Endpoint& from, const Endpoint& to, Bytes bytes) {
  events_.push({now_, events_made_++, from, to,
                std::vector<std::uint8_t>(bytes.begin(), bytes.end()), nullptr});
}

Machine* Net::machine_at(const Endpoint& inside, const Nat* nat) const {
  for (const auto& one : machines_) {
    if (one->inside == inside && one->nat == nat) {
      return one.get();
    }
  }
  return nullptr;
}

void Net::arrive(Event& event) {
  if ((cut && cut(event.from, event.to)) ||
      (cut_large && cut_large(event.from, event.to, event.bytes.size()))) {
    return;
  }
  if (observer) {
    observer(event.from, event.to, event.bytes);
  }
  Machine* target = event.inside != nullptr ? event.inside : machine_at(event.to, nullptr);
  for (const auto& nat : nats_) {
    if (target == nullptr && nat->outside() == address_of(event.to)) {
      target = machine_at(nat->in(event.from, event.to.port), nat.get());
    }
  }
  if (target == nullptr || !target->on) {
    return;
  }
  // A copy of exactly this size, so that AddressSanitizer sees one byte too many.
  std::vector<std::uint8_t> bytes(event.bytes);
  if (target->edge) {
    target->edge->datagram(now_, event.from, bytes);
  } else if (target->supernode) {
    target->supernode->datagram(now_, event.from, bytes);
  } else if (target->on_datagram) {
    target->on_datagram(now_, event.from, bytes);
  }
}

void Net::tick() {
  for (const auto& one : machines_) {
    if (one->on && one->edge) {
      one->edge->tick(now_);
    }
    if (one->on && one->supernode) {
      one->supernode->tick(now_);
    }
    if (one->on && one->on_tick) {
      one->on_tick(now_);
    }
  }
}

bool Net::run_until(const std::function<bool()>& done, Duration limit) {
  const Time end = now_ + limit;
  while (now_ < end) {
    if (done()) {
      return true;
    }
    const bool event_first = !events_.empty() && events_.top().at <= next_tick_;
    now_ = std::max(now_, event_first ? events_.top().at : next_tick_);
    if (event_first) {
      Event event = events_.top();
      events_.pop();
      arrive(event);
    } else {
      next_tick_ += kTick;
      tick();
    }
  }
  return done();
}

void Net::run(Duration span) {
  run_until([] { return false; }, span);
}

World::World(std::uint64_t seed) : net(seed) {
  // Argon2id itself has a test of its own; here only what follows from it counts.
  keys.community = community_of_name("grn");
  keys.member = make_identity(seed + 1).secret;
  keys.supernode = make_identity(seed + 2).secret;
}

Machine& World::add_supernode() {
  Machine& machine = net.machine(0xc6336401 + static_cast<Ipv4>(supernodes.size()));  // 198.51.100
  supernodes.push_back(&machine);
  start_supernode(machine);
  return machine;
}

void World::start_supernode(Machine& machine, const std::string& leases) {
  machine.supernode = std::make_unique<Supernode>(net.random, machine, kToday, limits);
  Supernode::CommunityOptions options;
  options.name = "grn";
  options.subnet = subnet;
  options.identity = KeyPairX::from(supernode_identity(keys.supernode));
  options.membership.community = keys.community;
  options.membership.psk = supernode_psk(keys.supernode);
  LeaseTable& table = machine.supernode->add(std::move(options));
  REQUIRE(table.parse(leases));
  tables_[&machine] = &table;
  machine.on = true;
}

Machine& World::add_edge(const std::string& name, NatKind kind) {
  const auto number = static_cast<Ipv4>(edges.size());
  Nat* const nat = kind == NatKind::kNone ? nullptr : &net.nat(kind);
  Machine& machine = nat == nullptr ? net.machine(0xc0000201 + number)              // 192.0.2
                                    : net.machine(0xc0a80001 + 256 * number, nat);  // 192.168
  edges.push_back(&machine);
  start_edge(machine, name, next_key_++);
  return machine;
}

void World::start_edge(Machine& machine, const std::string& name, std::uint64_t key) {
  EdgeOptions options;
  options.identity = make_identity(key);
  options.peers.community = keys.community;
  options.peers.psk = keys.member;
  options.supernodes.community = keys.community;
  options.supernodes.psk = supernode_psk(keys.supernode);
  options.name = name;
  options.unix_ns_at_zero = kToday + ++starts_;
  for (const Machine* const one : supernodes) {
    options.list.push_back({one->inside, x25519_public(supernode_identity(keys.supernode))});
  }
  if (adjust) {
    adjust(options);
  }
  machine.edge = std::make_unique<Edge>(std::move(options), net.random, machine);
  machine.edge->set_candidates(net.now(), {machine.inside});
  machine.on = true;
}

bool World::settled() const {
  return std::all_of(edges.begin(), edges.end(),
                     [](const Machine* one) { return one->edge->address() != 0; });
}

}  // namespace marvel::vpn::sim
