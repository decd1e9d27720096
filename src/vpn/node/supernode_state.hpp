#pragma once

#include "vpn/node/supernode.hpp"

namespace marvel::vpn {

// Internal to the super node: what it knows of communities and their edges.

inline constexpr double kSmallestRelayBurst = 65536;  // bytes; a datagram of any size fits

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
  LeaseTable leases;
  std::map<PublicKey, std::unique_ptr<Client>> clients;
  std::map<NodeId, Client*> by_id;
  std::map<Ipv4, Client*> by_address;
  std::map<std::string, Client*> by_name;
};

struct Supernode::Client : ChannelOwner {
  Client(Community& of, const PublicKey& public_key, double relay_rate)
      : community(of),
        key(public_key),
        id(node_id(key)),
        channel(of.home, key, *this),
        relay(relay_rate, std::max(relay_rate / 4, kSmallestRelayBurst)) {}

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
  bool registered = false;
  std::string name;
  Ipv4 address = 0;
  std::vector<Endpoint> candidates;
  std::vector<Subnet> prefixes;
  TokenBucket control{kControlRate, kControlBurst};
  TokenBucket vital{kVitalRate, kVitalBurst};
  TokenBucket relay;
  Time listed{-kMembersAgain};  // when it was last told of everybody
  std::uint64_t relayed = 0;

  [[nodiscard]] PeerInfo info() const {
    return {key, address, name, endpoint, candidates, prefixes};
  }
};

}  // namespace marvel::vpn
