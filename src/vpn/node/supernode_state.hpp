#pragma once

#include "vpn/node/supernode.hpp"

namespace marvel::vpn {

// Internal to the super node: what it knows of communities and their edges. supernode.cpp has what
// comes in and who is who, supernode_relay.cpp the way of relayed datagrams.
//
//   Supernode -> Community, by its place in a list -> Client, by key; by id, address and name, too
//
// A community owns its clients, and all four maps of it change together: forget() takes a client
// out of all. Indices on the wire lead to a client's channel directly. Everything here is of the
// super node's one thread.

inline constexpr double kSmallestRelayBurst = 65536;  // bytes; a datagram of any size fits

// One community. It stays in one place, because clients and their channels point to it.
struct Supernode::Community {
  Community(std::uint64_t with_number, CommunityOptions given, Random& random, IndexTable& indices,
            std::uint64_t unix_ns_at_zero)
      : number(with_number),
        options(std::move(given)),
        home{options.identity, options.membership, random, indices, unix_ns_at_zero},
        leases(options.subnet) {}

  std::uint64_t number;  // no other community of this super node ever has it
  CommunityOptions options;
  Home home;
  // Outlasts the clients: who has which address, connected or not.
  LeaseTable leases;
  // `clients` and `by_id` have all that have begun a handshake, the other two who is registered.
  std::map<PublicKey, std::unique_ptr<Client>> clients;
  std::map<NodeId, Client*> by_id;
  std::map<Ipv4, Client*> by_address;
  std::map<std::string, Client*> by_name;
};

// An edge that has begun a handshake.
struct Supernode::Client : ChannelOwner {
  Client(Community& of, const PublicKey& public_key, double relay_rate)
      : community(of),
        key(public_key),
        id(node_id(key)),
        channel(of.home, key, *this),
        relay(relay_rate, std::max(relay_rate / 4, kSmallestRelayBurst)) {}

  // Of the bytes that it may send to others. A quarter of a second of them may come at once, but at
  // least kSmallestRelayBurst.
  void limit_relay(double rate) {
    relay = TokenBucket(rate, std::max(rate / 4, kSmallestRelayBurst));
  }

  Community& community;
  PublicKey key;
  NodeId id;
  Channel channel;
  Endpoint endpoint;  // empty until its first genuine packet
  Time made{};
  Time heard{};
  // Whether it has an address. What follows is what it said when it registered last.
  bool registered = false;
  std::string name;
  Ipv4 address = 0;
  std::vector<Endpoint> candidates;
  std::vector<Subnet> prefixes;
  // Messages, and apart from them those that keep it registered: no number of others drowns these.
  TokenBucket control{kControlRate, kControlBurst};
  TokenBucket vital{kVitalRate, kVitalBurst};
  // Only asked while there is a limit for one edge.
  TokenBucket relay;
  Time listed{-kMembersAgain};  // when it was last told of everybody
  std::uint64_t relayed = 0;

  // What other members are told of it.
  [[nodiscard]] PeerInfo info() const {
    return {key, address, name, endpoint, candidates, prefixes};
  }
};

}  // namespace marvel::vpn
