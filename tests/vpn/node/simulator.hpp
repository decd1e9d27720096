#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"
#include "vpn/support.hpp"

#include <functional>
#include <memory>
#include <queue>
#include <set>

namespace marvel::vpn::sim {

// A network in one process with a virtual clock: machines that run real nodes, NATs between them,
// and wires that lose, delay, swap, double and damage. All chance comes from one seed.

// What a NAT lets in, in the words of RFC 4787 and RFC 3489.
enum class NatKind { kNone, kFullCone, kRestricted, kPortRestricted, kSymmetric };
std::string_view nat_name(NatKind kind);

class Nat {
 public:
  Nat(NatKind kind, Ipv4 outside) : kind_(kind), outside_(outside) {}

  // The source that the world sees.
  Endpoint out(const Endpoint& inside, const Endpoint& to);
  // Whom a packet is for; empty when it is not let in.
  [[nodiscard]] Endpoint in(const Endpoint& from, std::uint16_t port) const;
  [[nodiscard]] Ipv4 outside() const { return outside_; }
  // Another address of its provider; all it knew is gone.
  void renumber(Ipv4 outside);

 private:
  struct Mapping {
    Endpoint inside;
    std::uint16_t port = 0;
    std::set<Endpoint> contacted;
    Endpoint only;  // of a symmetric NAT: the destination it is for
  };
  NatKind kind_;
  Ipv4 outside_;
  std::uint16_t next_port_ = 20000;
  std::vector<Mapping> mappings_;
};

struct Wire {
  double loss = 0;  // shares of packets
  double twice = 0;
  double damage = 0;
  std::size_t largest = 65536;  // datagrams beyond it vanish, as in an MTU black hole
  Duration shortest = milliseconds(5);
  Duration longest = milliseconds(15);
};

class Net;

// Runs an edge or a super node; catches what it does.
class Machine : public Outbox {
 public:
  Machine(Net& net, const Endpoint& at, Nat* behind) : inside(at), nat(behind), net_(net) {}

  MutableBytes reserve(std::size_t size) override;
  void send(const Endpoint& to) override;
  void deliver(Bytes frame, const PartialChecksum& checksum) override;
  void addressed(Ipv4 address, unsigned bits) override;
  void tell(const std::string& message) override { told.push_back(message); }

  // Sends `text` to `other` as a machine would: asks for its Ethernet address first.
  void say(const Machine& other, const std::string& text);
  // The texts that came in since the last call.
  std::vector<std::string> heard();
  [[nodiscard]] Ipv4 address() const { return edge->address(); }
  [[nodiscard]] const Peer* peer(const Machine& other) const;
  [[nodiscard]] bool direct_to(const Machine& other) const;

  Endpoint inside;
  Nat* nat;
  bool on = true;
  std::unique_ptr<Edge> edge;
  std::unique_ptr<Supernode> supernode;
  // A node of another kind.
  std::function<void(Time now, const Endpoint& from, MutableBytes bytes)> on_datagram;
  std::function<void(Time now)> on_tick;
  std::vector<std::string> told;
  std::vector<std::vector<std::uint8_t>> frames;  // IPv4 frames delivered
  std::map<Ipv4, Mac> arp;

 private:
  Net& net_;
  std::vector<std::uint8_t> room_;
};

class Net {
 public:
  explicit Net(std::uint64_t seed) : random(seed), wire_rng_(mix(seed ^ 0x77U)) {}

  Machine& machine(Ipv4 address, Nat* nat = nullptr);
  Nat& nat(NatKind kind);
  void transmit(Machine& from, const Endpoint& to, Bytes bytes);
  void run(Duration span);
  // Runs until `done` or for `limit`; whether it was done.
  bool run_until(const std::function<bool()>& done, Duration limit);
  [[nodiscard]] Time now() const { return now_; }

  SeededRandom random;
  Wire wire;
  std::map<Endpoint, double> rate_of;  // bytes per second that a machine can send, where it is set
  // Sees every packet before it is delivered.
  std::function<void(const Endpoint& from, const Endpoint& to, Bytes bytes)> observer;
  // Packets that do not arrive, by their ends and size.
  std::function<bool(const Endpoint& from, const Endpoint& to)> cut;
  std::function<bool(const Endpoint& from, const Endpoint& to, std::size_t size)> cut_large;
  // Puts bytes on the wire as if they came from `from`.
  void inject(const Endpoint& from, const Endpoint& to, Bytes bytes);

 private:
  struct Event {
    Time at{};
    std::uint64_t number = 0;
    Endpoint from;
    Endpoint to;
    std::vector<std::uint8_t> bytes;
    Machine* inside = nullptr;  // within a network of its own
    bool operator<(const Event& other) const {
      return std::pair(at, number) > std::pair(other.at, other.number);
    }
  };
  void arrive(Event& event);
  void tick();
  Machine* machine_at(const Endpoint& inside, const Nat* nat) const;

  // When the last byte of it has left a machine whose rate is limited.
  Time leaves_at(const Machine& from, std::size_t size);

  std::map<Endpoint, Time> free_at_;  // of the machines whose rate is limited
  CounterRng wire_rng_;
  Time now_{seconds(1)};
  Time next_tick_{seconds(1)};
  std::uint64_t events_made_ = 0;
  std::priority_queue<Event> events_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Nat>> nats_;
};

inline constexpr std::uint64_t kToday = 1'790'000'000'000'000'000U;  // ns since 1970

// A community with a passphrase, its super nodes and edges.
class World {
 public:
  explicit World(std::uint64_t seed);

  Machine& add_supernode();
  // Starts (or starts again) the super node on `machine`, with what its last run had leased.
  void start_supernode(Machine& machine, const std::string& leases = {});
  Machine& add_edge(const std::string& name, NatKind kind = NatKind::kNone);
  void start_edge(Machine& machine, const std::string& name, std::uint64_t key);
  // What edges started from now on have besides.
  std::function<void(EdgeOptions&)> adjust;
  SupernodeLimits limits;  // of super nodes started from now on
  // All have addresses.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] LeaseTable& leases(const Machine& machine) { return *tables_.at(&machine); }

  Net net;
  PassphraseKeys keys;
  Subnet subnet{0x0a080000, 24};
  std::vector<Machine*> supernodes;
  std::vector<Machine*> edges;

 private:
  std::map<const Machine*, LeaseTable*> tables_;
  std::uint64_t next_key_ = 1000;
  std::uint64_t starts_ = 0;
};

// An IPv4 frame of the protocol number 253 (experiments, RFC 3692) around `text`.
std::vector<std::uint8_t> text_frame(const Mac& to, const Mac& from, Ipv4 destination, Ipv4 source,
                                     const std::string& text);

}  // namespace marvel::vpn::sim
