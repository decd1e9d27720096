#pragma once

#include "base/result.hpp"
#include "vpn/n2n/communities.hpp"
#include "vpn/n2n/counters.hpp"
#include "vpn/n2n/cover.hpp"
#include "vpn/n2n/message.hpp"

#include <map>
#include <memory>

namespace marvel::vpn::n2n {

// Who a super node is. Whom it serves comes later, by Supernode::add() or serve().
struct SupernodeOptions {
  // By which other super nodes know this one, and which stands in its answers.
  Mac mac{};
  // Of the federation, without '*', at most 18 bytes. It is a secret: the keys of users follow from
  // it. Empty: there is none, and users have the key of n2n's default name.
  std::string federation;
  // Other super nodes of the federation, which are registered with for ever; they name further
  // ones, which are forgotten when they stay silent. Not looked at without a federation.
  std::vector<Endpoint> federated;
  // What the calendar says at time 0, in nanoseconds since 1970: for stamps and key times.
  std::uint64_t unix_ns_at_zero = 0;
  // Of the start, in seconds since 1970: the keys of users' headers follow from the newest of a
  // federation.
  std::uint32_t key_time = 0;
};

// A super node of n2n version 3, as a machine without input and output, like vpn::Supernode.
//
// It knows the communities it was given and no others. It tells by the first registration whether
// the edges of a community encrypt their headers; all of them do it alike. It gives addresses, says
// where an edge is, and passes frames on, which it cannot read without the community's key; nothing
// stops one from changing them. Super nodes of one federation tell each other where edges are
// registered and pass frames on to each other.
//
//   supernode.cpp             what comes in, and frames
//   supernode_communities.cpp whom it serves
//   supernode_register.cpp    registrations and questions
//   supernode_federation.cpp  other super nodes
//
// It is driven like an edge, by time and datagrams; Outbox::deliver() and addressed() are never
// called:
//
//   Supernode supernode(options, random, outbox);
//   supernode.serve(now, list);                 // again when the list changes
//   supernode.tick(now);                        // again every kTick
//   supernode.datagram(now, from, bytes);       // for each datagram of the socket
//
// Whatever comes in, memory is bounded: 4096 edges of a community, 256 communities that patterns
// allow, 64 other super nodes, 16384 edges elsewhere of a community. A clear datagram costs a
// search through the communities; one with an encrypted header is tried with the key of each that
// may have those. What cannot be used is counted in counters().
//
// One thread. No call keeps what it was given.
class Supernode {
 public:
  // `random` and `outbox` outlive it. A federation's name of more than 18 bytes is a mistake of the
  // caller (MARVEL_CHECK).
  Supernode(SupernodeOptions options, Random& random, Outbox& outbox);
  Supernode(const Supernode&) = delete;
  Supernode& operator=(const Supernode&) = delete;
  ~Supernode();

  // A community of this name, of 1 to 19 bytes. Without a network one is chosen as n2n does. One
  // with users takes no other edges. kUsage for a name that cannot be or is there already, and for
  // a user whose key is none; kUnavailable without a free network. After a failure all is as it
  // was.
  Status add(const CommunityEntry& entry);
  // From here on serves these and no others. Names that match a pattern are there while they have
  // edges, with clear headers only. Edges of communities and users that are there no more are
  // forgotten, and without a user the others get a new key for their headers. Errors as add(), and
  // all is as it was then.
  //
  // Edges that stay keep their registrations and addresses, even where the network is another one.
  // A community that gets its first user or loses its last one begins anew.
  Status serve(Time now, const CommunityList& list);

  // See Edge.
  void set_calendar(std::uint64_t unix_ns_at_zero);
  // At least every kTick. Once a second edges are forgotten that were silent for kEdgeSilence;
  // other super nodes are registered with as timing.hpp says.
  void tick(Time now);
  // From the underlay; its bytes are overwritten. Answers and frames that are passed on are in the
  // Outbox before this returns.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);

  // An edge that is registered here, for the status; those of other super nodes are not among them.
  struct EdgeView {
    std::string community;
    std::string name;
    Mac mac{};
    Ipv4 address = 0;
    Endpoint endpoint;
    std::uint64_t relayed = 0;  // datagrams that it sent on
  };
  // Copies, one community after the other: takes memory for each edge.
  [[nodiscard]] std::vector<EdgeView> edges() const;
  // Another super node. Connected: it has answered, and was not silent for kFederateSilence since.
  struct PeerView {
    Endpoint endpoint;
    bool connected = false;
  };
  [[nodiscard]] std::vector<PeerView> federated() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  // State is in supernode_state.hpp.
  struct Edge;
  struct Group;  // a community
  // A user as a community has it: with the key that the user and this federation have in common.
  struct User {
    std::string name;
    SharedKey shared;
  };
  struct Peer;  // another super node
  struct Federation;
  // A datagram on its way through: opened, and its community known. Whether an edge that sends it
  // is registered is not looked at yet. Lives as long as the call that brought it.
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
  Status exchange_groups(const CommunityList& list,
                         const std::map<Community, std::map<PublicKey, User>>& wanted);
  std::vector<std::unique_ptr<Group>>::iterator find_group(const Community& community);
  // From here to send() in supernode.cpp, then to choose() in supernode_register.cpp, and the rest
  // in supernode_federation.cpp.
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
  // Of the federation, from its name; also without one, by n2n's default name.
  Secret key_;
  // The name with '*', as the community in which super nodes register.
  Community federation_name_{};
  // The newest start in the federation, or when a user was last struck off: the keys of users'
  // headers follow from it. In seconds since 1970; it only grows.
  std::uint32_t key_time_ = 0;
  std::unique_ptr<Federation> federation_;  // nullptr: there is none
  // On the heap each: a reference to one stays good when others come or go.
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<Pattern> patterns_;
  Time started_{};
  Time next_sweep_{};
  // How many that are not registered were asked to in this second: what strangers send must not be
  // answered without end.
  Time reminder_second_{};
  unsigned reminders_in_second_ = 0;
  Counters counters_;
};

}  // namespace marvel::vpn::n2n
