#pragma once

#include "vpn/channel/channel.hpp"
#include "vpn/channel/cookie.hpp"
#include "vpn/node/counters.hpp"
#include "vpn/node/fair_limits.hpp"
#include "vpn/node/lease_table.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/node/outbox.hpp"
#include "vpn/node/relay_queue.hpp"

#include <map>
#include <memory>

namespace marvel::vpn {

// What a super node gives at most. Bytes are those of relayed datagrams, envelope included; 0: no
// limit. With a limit `relay` datagrams wait in fair queues (RelayQueue); what is beyond an edge's
// own is dropped at once.
struct SupernodeLimits {
  double relay = 0;                         // bytes a second of all together, shared fairly
  double edge_relay = 0;                    // bytes a second that one edge may send
  std::uint64_t cookie_rate = kCookieRate;  // handshakes a second before cookies
};

// A super node as a machine without input and output (see Edge). It serves communities: gives
// addresses, tells members about each other, and passes sealed datagrams between them that it can
// not open. Members of one community never see another one's.
//
//   Supernode node(random, outbox, unix_ns_at_zero, limits);
//   LeaseTable& leases = node.add(community);
//   leases.parse(saved);
//   while (running) {                       // io/run_supernode.cpp
//     node.datagram(now, from, bytes);
//     node.tick(now);
//   }
//
// It begins no handshake and keeps nothing on disk: edges come to it, and the caller writes the
// leases down. A stranger never gets more bytes than it sent, so nobody can turn it on others.
//
// An edge is a client from its first message on, and registered once it has an address. One that
// never uses its session is forgotten after kHalfOpen, one that falls silent after kClientSilence;
// leases stay.
//
// One thread. No call keeps what it was given. `random` and `outbox` outlive it; of the outbox it
// uses reserve() and send() only.
class Supernode {
 public:
  // `name` is what people call it, and the caller names it by; handshakes name it by the
  // membership. Several communities of certificates may share one `identity`.
  struct CommunityOptions {
    std::string name;
    Subnet subnet;
    KeyPairX identity;      // by which its edges know this super node
    Membership membership;  // between edges and super node
    std::vector<std::pair<std::string, Ipv4>> reservations;  // addresses of nodes, by name
  };

  Supernode(Random& random, Outbox& outbox, std::uint64_t unix_ns_at_zero,
            const SupernodeLimits& limits = {});
  Supernode(const Supernode&) = delete;
  Supernode& operator=(const Supernode&) = delete;
  ~Supernode();

  // The table of leases, to be filled before the next datagram; it lives until remove().
  // Reservations are for the caller to put in. No two communities have the same name.
  LeaseTable& add(CommunityOptions options);
  // Its edges are strangers from now on; they notice when their packets are answered as unknown.
  // Nothing happens when there is no such community.
  void remove(const std::string& community);

  // At least every kTick: what waits in the relay leaves, and once a second edges that are silent
  // are forgotten.
  void tick(Time now);
  // From the underlay; its bytes are overwritten.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);

  // See Edge.
  void set_calendar(std::uint64_t unix_ns_at_zero);
  // Others count as members from now on: a new list of revocations. Edges that it names are
  // strangers at once.
  void set_membership(const std::string& community, const Membership& membership);
  // Of a community that is served.
  [[nodiscard]] const Membership& membership(const std::string& community) const;

  // Of the relay; the rate of cookies stays. What waits goes out at the new rate.
  void set_limits(const SupernodeLimits& limits);

  struct Community;
  // A connected edge.
  struct Client;

  // A registered edge, for the status. A copy, so it stays when the edge leaves.
  struct ClientView {
    std::string community;
    std::string name;
    Ipv4 address = 0;
    PublicKey key{};
    Endpoint endpoint;
    std::uint64_t relayed = 0;  // datagrams that it sent on
  };
  [[nodiscard]] std::vector<ClientView> clients() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }
  void set_not_sent(std::uint64_t total) {
    counters_.set_drops(Drop::kNotSent, total);
  }  // see Edge

 private:
  void first_message(Time now, const Endpoint& from, Bytes bytes);
  // The client of a first message; null for who is no member, and when there are kMaxClients.
  Client* admit(Time now, Community& community, const FirstMessage& message);
  void sealed(Time now, const Endpoint& from, MutableBytes bytes);
  // Many answers to one question, so seldom.
  void on_everybody(Time now, Client& client);
  // Null for none.
  [[nodiscard]] Community* named(const std::string& community) const;
  // Who has the address, or the narrowest network with it; null for nobody.
  static Client* owner_of(const Community& community, Ipv4 address);
  void relay(Time now, const Endpoint& from, MutableBytes bytes);
  // A datagram with its new envelope goes out and is counted.
  void pass_on(Client& target, Bytes bytes);
  // What waits goes out as far as the limit lets it; on each datagram and at each tick.
  void drain(Time now);
  // At most 2000 a second, of 8 bytes each.
  void send_unknown(Time now, const Endpoint& to, Bytes bytes);
  void send_control(Time now, Client& client, const Control& message);
  void on_text(Time now, Client& client, const Endpoint& from, Bytes text);
  void on_register(Time now, Client& client, const Register& message);
  void on_find(Time now, Client& client, const Find& find);
  // The client dies here.
  void forget(Client& client);

  Random& random_;
  Outbox& outbox_;
  std::uint64_t unix_ns_at_zero_;
  IndexTable indices_;
  SupernodeLimits limits_;
  // Before anything costly: a cookie where handshakes are many, then each source's share.
  CookieJar cookies_;
  static constexpr std::size_t kMostSources = 65536;
  FairLimits<Block<16>> sources_{kSourceRate, kSourceBurst, kMostSources};  // of handshakes
  RelayQueue queue_;
  std::vector<std::unique_ptr<Community>> communities_;
  std::uint64_t added_ = 0;  // communities so far
  std::size_t clients_ = 0;
  Time next_sweep_{};
  Time unknown_second_{};
  unsigned unknown_in_second_ = 0;
  Counters counters_;
};

}  // namespace marvel::vpn
