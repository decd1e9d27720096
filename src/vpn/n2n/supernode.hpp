#pragma once

#include "base/result.hpp"
#include "vpn/n2n/communities.hpp"
#include "vpn/n2n/counters.hpp"
#include "vpn/n2n/cover.hpp"
#include "vpn/n2n/message.hpp"

#include <map>
#include <memory>

namespace marvel::vpn::n2n {

struct SupernodeOptions {
  Mac mac{};
  // Of the federation, without '*'. It is a secret: the keys of users follow from it. Empty: there
  // is none, and users have the key of n2n's default name.
  std::string federation;
  std::vector<Endpoint> federated;    // other super nodes of it; they name others yet
  std::uint64_t unix_ns_at_zero = 0;  // what the calendar says at time 0
  // Of the start, in seconds since 1970: the keys of users' headers follow from the newest of a
  // federation.
  std::uint32_t key_time = 0;
};

// A super node of n2n version 3, as a machine without input and output, like vpn::Supernode.
//
// It knows the communities it was given and no others. It tells by the first registration whether
// the edges of a community encrypt their headers; all of them do it alike. It gives addresses,
// says where an edge is, and passes frames on, which it cannot read without the community's key;
// nothing stops one from changing them. Super nodes of one federation tell each other where edges
// are registered and pass frames on to each other.
//
//   supernode.cpp             what comes in, and frames
//   supernode_communities.cpp whom it serves
//   supernode_register.cpp    registrations and questions
//   supernode_federation.cpp  other super nodes
//
// One thread. No call keeps what it was given.
class Supernode {
 public:
  Supernode(SupernodeOptions options, Random& random, Outbox& outbox);
  Supernode(const Supernode&) = delete;
  Supernode& operator=(const Supernode&) = delete;
  ~Supernode();

  // A community of this name, of 1 to 19 bytes. Without a network one is chosen as n2n does. One
  // with users takes no other edges. kUsage for a name that cannot be or is there already, and for
  // a user whose key is none; kUnavailable without a free network.
  Status add(const CommunityEntry& entry);
  // From here on serves these and no others. Names that match a pattern are there while they have
  // edges, with clear headers only. Edges of communities and users that are there no more are
  // forgotten, and without a user the others get a new key for their headers. Errors as add(); the
  // first two leave all as it was.
  Status serve(Time now, const CommunityList& list);

  // At least every kTick.
  void tick(Time now);
  // From the underlay; its bytes are overwritten.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);

  struct EdgeView {
    std::string community;
    std::string name;
    Mac mac{};
    Ipv4 address = 0;
    Endpoint endpoint;
    std::uint64_t relayed = 0;  // datagrams that it sent on
  };
  [[nodiscard]] std::vector<EdgeView> edges() const;
  struct PeerView {
    Endpoint endpoint;
    bool connected = false;
  };
  [[nodiscard]] std::vector<PeerView> federated() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Edge;
  struct Group;  // a community
  struct User {
    std::string name;
    SharedKey shared;
  };
  struct Peer;  // another super node
  struct Federation;
  struct Incoming {
    Endpoint from;
    Group& group;
    Cover::Opened opened;
    Peer* peer = nullptr;  // that this comes from; nullptr: it comes from an edge
  };
  using Jitter = StampFilter::Jitter;

  // As a group has them; the key of each must be one.
  [[nodiscard]] Result<std::map<PublicKey, User>> shared_keys(const CommunityEntry& entry) const;
  bool update(Group& group, std::map<PublicKey, User> users);
  Group* clear_group(MutableBytes bytes);
  void open(Time now, const Endpoint& from, Group& group, const Cover::Opened& opened);
  void message(Time now, const Incoming& in, const Message& message);
  void packet(Time now, const Incoming& in);
  void pass_on(Time now, const Incoming& in, const PacketHead& head, Bytes payload,
               const Endpoint& to);
  Edge* sender(Time now, const Incoming& in, const Mac& mac, Jitter jitter);
  void send(Time now, Group& group, const Endpoint& to, std::uint8_t ttl, const Body& body,
            const SharedKey* user = nullptr);

  void on(Time now, const Incoming& in, const RegisterSuper& body);
  void on(Time now, const Incoming& in, const UnregisterSuper& body);
  void on(Time now, const Incoming& in, const Register& body, std::uint8_t ttl);
  void on(Time now, const Incoming& in, const QueryPeer& body);
  [[nodiscard]] bool is_fresh(Time now, const Incoming& in, const RegisterSuper& body);
  [[nodiscard]] bool has_trailer(const Incoming& in, const SharedKey* user);
  [[nodiscard]] bool may_register(Time now, const Group& group, const RegisterSuper& body,
                                  const Address& address);
  // Whether the edge may have what it asks for; then it is registered.
  bool admit(Time now, const Incoming& in, const RegisterSuper& body, const Address& address);
  void answer_ping(Time now, const Incoming& in);
  [[nodiscard]] Address choose(const Group& group, const RegisterSuper& body) const;

  void on_federation(Time now, const Endpoint& from, const Cover::Opened& opened);
  void on_peer(Time now, const Endpoint& from, const RegisterSuper& body, const Stamp& stamp);
  void on_peer(Time now, const Endpoint& from, const RegisterSuperAck& body, const Stamp& stamp);
  void message_of_peer(Time now, const Incoming& in, const Message& message);
  void edge_elsewhere(Time now, const Incoming& in, const RegisterSuper& body);
  void refused_elsewhere(Time now, const Incoming& in, const RegisterSuperNak& body);
  void found_elsewhere(Time now, const Incoming& in, const PeerInfo& body);
  void tick_federation(Time now);
  void take_key_time(Time now, std::uint32_t key_time);
  // Of today, in seconds since 1970.
  [[nodiscard]] std::uint32_t today(Time now) const;
  Peer* peer_at(Time now, const Endpoint& from);
  Peer* add_peer(Time now, const Endpoint& endpoint, const Mac& mac);
  // Where a datagram for an edge goes that is not registered here: to the super node that has it,
  // or to all of them.
  [[nodiscard]] std::vector<Endpoint> elsewhere(Time now, const Group& group, const Mac& mac) const;
  [[nodiscard]] std::vector<Endpoint> others(Time now) const;
  [[nodiscard]] std::vector<RegisterSuperAck::Other> named_others(Time now,
                                                                  const Endpoint& asker) const;

  SupernodeOptions options_;
  Random& random_;
  Outbox& outbox_;
  Secret key_;                   // of the federation
  Community federation_name_{};  // with '*'
  std::uint32_t key_time_ = 0;
  std::unique_ptr<Federation> federation_;  // nullptr: there is none
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<Pattern> patterns_;
  Time started_{};
  Time next_sweep_{};
  Time reminder_second_{};
  unsigned reminders_in_second_ = 0;
  Counters counters_;
};

}  // namespace marvel::vpn::n2n
