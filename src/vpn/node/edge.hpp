#pragma once

#include "vpn/channel/cookie.hpp"
#include "vpn/node/access_list.hpp"
#include "vpn/node/counters.hpp"
#include "vpn/node/fair_limits.hpp"
#include "vpn/node/nat_mapping.hpp"
#include "vpn/node/outbox.hpp"
#include "vpn/node/overlay_ipv6.hpp"
#include "vpn/node/peer.hpp"
#include "vpn/node/survey.hpp"
#include "vpn/node/token_bucket.hpp"
#include "vpn/offload/frame.hpp"
#include "vpn/offload/segmenter.hpp"

#include <map>
#include <memory>

namespace marvel::vpn {

// What an edge is from the start; EdgeSettings has what may change later. All of it has been
// checked by whoever made it: names (is_node_name), counts, networks.
struct EdgeOptions {
  KeyPairX identity;
  // Between edges, and between edge and super node. Both are of one community; only the first has
  // an authority, where there are certificates.
  Membership peers;
  Membership supernodes;
  std::string name;
  // Where a super node is reached, and the key by which it must prove itself.
  struct Supernode {
    Endpoint endpoint;
    PublicKey key{};
  };
  std::vector<Supernode> list;  // in the order in which they are preferred
  Ipv4 wanted = 0;              // a fixed address; 0: the super node chooses
  // The calendar at Time 0, nanoseconds since 1970. See set_calendar.
  std::uint64_t unix_ns_at_zero = 0;
  std::size_t mtu = kDefaultMtu;   // of the device
  std::vector<Subnet> announced;   // networks behind this node, at most kMaxPrefixes
  std::vector<Subnet> accepted;    // networks that may be behind others
  std::vector<AccessRule> access;  // none: members may say everything
  bool multicast = false;          // broadcast is always carried
};

// The part of EdgeOptions that may change while the edge runs, with the same meaning.
struct EdgeSettings {
  std::vector<EdgeOptions::Supernode> list;
  std::vector<Subnet> announced;
  std::vector<Subnet> accepted;
  std::vector<AccessRule> access;
  bool multicast = false;
};

// Two entries for one super node would make it and the edge quarrel: to a super node a key is one
// edge with one session. The list with the first entry of each; `left_out` has the places of the
// others. Those of one place and key are one; with `by_key` those of one key are, wherever they
// are: with certificates each super node has a key of its own, with a passphrase all have the same.
std::vector<EdgeOptions::Supernode> without_doubles(const std::vector<EdgeOptions::Supernode>& list,
                                                    bool by_key, std::vector<Endpoint>& left_out);

// An edge as a machine without input and output: frames, datagrams and time come in as calls, and
// what shall happen goes to an Outbox. So a simulator with a virtual clock drives the same code as
// the runtime does.
//
// It is registered with all super nodes at once. The first that answers gives the address; of those
// that are registered the first in the list leads: frames go over it where a peer needs no other
// one. Questions about peers go to all. A frame for a peer without a session starts a handshake
// over the relay and waits. Once there is a session both sides look for a direct path; until there
// is one, and whenever it dies, frames go over the relay.
//
//   Edge edge(options, random, outbox);
//   edge.set_candidates(now, own_addresses);
//   while (running) {                       // io/run_edge.cpp
//     edge.datagram(now, from, bytes);      // for each that came from the socket
//     edge.frame(now, frame, info);         // for each that came from the device
//     edge.tick(now);                       // every kTick
//   }
//   edge.leave(now);
//
// No call fails: what cannot be done is dropped and counted (counters()), and what people should
// know is told to the Outbox. A packet from elsewhere moves no path, only the answer to a probe
// does; and a frame is delivered only when its source is an address of the member that sealed it,
// or of a network behind it that this edge accepts.
//
// A frame on a path that is known takes no memory. tick() costs a walk over peers and super nodes.
//
// One thread. No call keeps what it was given. `random` and `outbox` outlive the edge.
class Edge {
 public:
  Edge(EdgeOptions options, Random& random, Outbox& outbox);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge() = default;

  // Where this node may be reached inside its own network. Call it when addresses change; the super
  // nodes are told. At most kMaxCandidates are kept. Whether they are others than before.
  bool set_candidates(Time now, std::vector<Endpoint> candidates);
  // At least every kTick: timers run in here, so what is due waits for it.
  void tick(Time now);
  // From the underlay; its bytes are overwritten. Anything may come: noise costs a look at its
  // header, or one hash where it looks like a handshake.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);
  // What all in the local network may be told each kBeaconEvery, so that members there find this
  // node while no super node introduces them; nothing while it has no address. And what others have
  // told so.
  std::vector<std::uint8_t> beacon(Time now);
  void on_beacon(Time now, Bytes bytes);
  // From the machine: Ethernet, IPv4 or IPv6, of one packet or big. ARP and neighbour solicitations
  // are answered here, by deliver(), and never sent.
  void frame(Time now, Bytes frame, const FrameInfo& info);
  // Tells super nodes and peers that this node leaves, so that they need not find out. The last
  // call.
  void leave(Time now);
  // Looks for other ways at once: the machine's addresses have changed. Direct paths are closed,
  // frames go over the relay until there are others, and super nodes are probed.
  void roam(Time now);
  // The calendar was set: what it says now, less `now`, in nanoseconds since 1970. It may go back;
  // sessions do not care, certificates and beacons are judged by it.
  void set_calendar(std::uint64_t unix_ns_at_zero);
  // A new certificate or a new list of revocations. Sessions with members that are members no more
  // end now. Both are of the same community as before. A certificate that counts only later, or no
  // more, is told at the next tick().
  void set_membership(const Membership& peers, const Membership& supernodes);

  // Begins to measure the paths to peers; tick() goes on with it. What another survey has found is
  // lost. It never takes forever: a peer that does not answer has no figures.
  void survey(Time now, SurveyOrder order);
  // The last survey, until it is ended; null when there is none.
  [[nodiscard]] const Survey* survey() const { return survey_.get(); }
  void end_survey() { survey_.reset(); }

  // Whether super nodes would take an edge that announces these networks, as far as the community's
  // own network decides that: kUsage for one inside it. Membership::check_announced knows the rest.
  // Ask before change(): the edge would be refused as a whole.
  [[nodiscard]] Status check_announced(const std::vector<Subnet>& networks) const;
  // Sessions, paths and the address stay; super nodes that are listed no more are told goodbye.
  void change(Time now, const EdgeSettings& settings);

  // 0 until a super node has given one. Kept while super nodes come and go; 0 again when the last
  // one refuses it as another node's, unless it is the one that was wanted.
  [[nodiscard]] Ipv4 address() const { return address_; }
  // Of the community's network; 0 until there is an address.
  [[nodiscard]] unsigned bits() const { return bits_; }
  // Follows from the key, so it is there from the start; so is mac().
  [[nodiscard]] Ipv6 ipv6() const { return ipv6_; }
  [[nodiscard]] Mac mac() const { return mac_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }
  [[nodiscard]] const PublicKey& public_key() const { return options_.identity.point; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // How many datagrams of the Outbox the machine did not take, since the start: Drop::kNotSent.
  void set_not_sent(std::uint64_t total) { counters_.set_drops(Drop::kNotSent, total); }
  // Its own; nothing with a passphrase.
  [[nodiscard]] const std::optional<Certificate>& certificate() const { return certificate_; }
  // Of all peers together.
  [[nodiscard]] const TrafficRates& rates() const { return rates_; }
  // As the super nodes that it is registered with, and peers with a direct path, see it.
  [[nodiscard]] NatFinding nat(Time now) const;
  // For the status, which reads and changes nothing. Both live until the next call that is not
  // const.
  [[nodiscard]] const std::vector<std::unique_ptr<Link>>& links() const { return links_; }
  [[nodiscard]] const std::map<PublicKey, std::unique_ptr<Peer>>& peers() const { return peers_; }

 private:
  // Questions of the machine that a super node is being asked about; its answer answers them.
  struct WaitingArp {
    ArpRequest request;
    Time since{};
  };
  struct WaitingQuestion {
    NeighbourQuestion question;
    Time since{};
  };

  // edge_links.cpp: the side of the super nodes
  void tick_link(Time now, Link& link);
  void renew(Time now, Link& link);
  // With all that are registered with: what they were told has changed.
  void renew_all(Time now);
  void initiate(Time now, Link& link);
  void probe_link(Time now, Link& link);
  void link_text(Time now, Link& link, Bytes text);
  void on_lease(Time now, Link& link, const Lease& lease);
  void on_refused(Link& link, Refused::Reason reason);
  void tell_once(Link& link, const std::string& what);
  void on_absent(Time now, const Absent& absent, const Link& link);
  void on_unknown(Time now, const Endpoint& from, Bytes datagram);
  // Ends session and registration: all begins anew at the next tick.
  void reset_link(Link& link);
  // False, and nothing is sent, without a session.
  bool send_control(Time now, Link& link, const Control& message);
  // The first that is registered with, and the one that a peer's frames go over while there is no
  // direct path: `via` if it is registered with, else the leader. Null for none.
  [[nodiscard]] Link* leader() const;
  [[nodiscard]] Link* relay_of(const Peer& peer) const;
  // To all super nodes that are registered with; too many questions are dropped here.
  void ask(Time now, const Find& find);
  void ask_about(Time now, Peer& peer);

  // edge_peers.cpp: the side of the peers
  void tick_peer(Time now, Peer& peer);
  void watch_silence(Time now, Peer& peer);
  void watch_path(Time now, Peer& peer);
  void begin_session(Time now, Peer& peer);
  void session_began(Time now, Peer& peer);
  // `direct_from` is null for what a super node brought.
  void peer_text(Time now, Peer& peer, Bytes text, const Endpoint* direct_from, bool relayed);
  // To `to`, or where that is null on the path that frames take. False without a session.
  bool send_control(Time now, Peer& peer, const Control& message, const Endpoint* to);
  void send_handshake(Peer& peer, Bytes message, const Endpoint* to);
  // There is a session. Seals each packet into the outbox's room, in halves where it is too large
  // for the path; drops all of it when there is no way.
  void send_frames(Time now, Peer& peer, Segmenter& cut);
  void flush_waiting(Time now, Peer& peer);
  void receive_frame(Time now, Peer& peer, const SealedHeader& header, Bytes frame);
  void on_peer_info(Time now, const PeerInfo& info);
  void tell_path(const Peer& peer);
  // Of the path that frames take.
  [[nodiscard]] PathMtu& mtu_of(Peer& peer) {
    return peer.direct.is_open() ? peer.direct_mtu : peer.relay_mtu;
  }
  void probe_mtu(Time now, Peer& peer);
  // By the relay of `link`, or on the direct path where that is null.
  void seal_and_send(Time now, Peer& peer, const SealedHeader& header, MutableBytes room,
                     const Link* link);
  void send_halves(Time now, Peer& peer, const SealedHeader& header, Bytes frame, const Link* link);
  // In halves where they fit the path; else the machine is told, and it is false.
  bool send_large(Time now, Peer& peer, const SealedHeader& header, Bytes frame, const Link* link);
  void refuse_large(Time now, Peer& peer, Bytes frame, std::size_t room);
  // The peer of this key, made if it is new. Null where there is no place, for our own key, and for
  // one whose id or Ethernet address is another peer's.
  Peer* add_peer(const PublicKey& key);
  void forget_peer(const PublicKey& key);
  // Whether its certificate allows it the address; with a passphrase every member may have any.
  [[nodiscard]] bool may_have(const Peer& peer, Ipv4 address) const;
  // The same of an address in a network behind it.
  [[nodiscard]] bool may_have_behind(const Peer& peer, Ipv4 address) const;
  [[nodiscard]] bool may_get(const Peer& peer, Bytes frame) const;

  // edge_settings.cpp
  void watch_certificate(Time now);
  void change_links(Time now, const std::vector<EdgeOptions::Supernode>& list);

  // edge_lan.cpp: who is in the local network
  void introduce(Time now, Peer& peer, const PeerInfo& info);
  // All places where a direct path to it may be found; then whether any frame can leave now.
  static std::vector<Endpoint> places_of(const Peer& peer);
  [[nodiscard]] bool has_way(const Peer& peer) const;

  // edge_measure.cpp: what paths carry
  void list_survey(Time now);
  void tick_survey(Time now);
  void measure(Time now, Peer& peer, PathMeasurement& path);
  // Bytes of text that one datagram takes on its path.
  std::size_t train_room(Peer& peer);
  void send_train(Time now, Peer& peer, const TrainAsk& train);
  // False for a message of another kind, which is not touched then.
  bool train_text(Time now, Peer& peer, const Control& message, std::size_t size);
  static void forget_train(Time now, Peer& peer);

  // edge.cpp: what comes in
  // Who brought a first message: a place of the underlay, or a super node, which says whose it is.
  struct Caller {
    const Endpoint* direct = nullptr;
    const Link* relay = nullptr;
    NodeId node{};
  };
  void first_message(Time now, const Caller& caller, Bytes bytes);
  bool may_call(Time now, const Caller& caller, Bytes first);
  void second_message(Time now, Bytes bytes);
  void sealed(Time now, const Endpoint& from, MutableBytes bytes, const Link* relayed_by);
  void relayed(Time now, MutableBytes bytes);
  void cookie(Time now, Bytes bytes);
  void ask_for(Time now, Bytes frame);
  void send_to(Time now, Peer& peer, Bytes frame, const FrameInfo& info);
  // Whether a channel is a super node's; else it is a peer's.
  [[nodiscard]] bool is_link(const ChannelOwner& owner) const;
  [[nodiscard]] std::size_t number_of(const Link& link) const;

  // edge_layer2.cpp: who is where, broadcast, and what may come in
  void arp(Time now, Bytes frame);
  void answer_arp(const ArpRequest& request, const Peer& peer);
  void neighbour(Time now, const NeighbourQuestion& question);
  void answer_waiting(const Peer& peer);
  void flood(Time now, Bytes frame, const FrameInfo& info);
  // Who has the address, or the narrowest network with it that this edge accepts; null for nobody.
  [[nodiscard]] Peer* peer_at(Ipv4 address) const;
  // The size of the narrowest network of the peer with the address; 0 for none.
  [[nodiscard]] unsigned bits_behind(const Peer& peer, Ipv4 address) const;
  [[nodiscard]] bool is_behind(const Peer& peer, Ipv4 address) const {
    return bits_behind(peer, address) != 0;
  }
  // Of the community's own network; false until there is an address.
  [[nodiscard]] bool is_of_community(Ipv4 address) const;
  // Whether datagrams to this place would enter the tunnel again.
  [[nodiscard]] bool is_inside(const Endpoint& where) const;
  [[nodiscard]] bool is_source_of(const Peer& peer, Bytes frame) const;
  [[nodiscard]] bool is_for_us(Bytes frame) const;

  // Members, in the order in which they are made: the homes hold references to the table of
  // indices, and links and peers to the homes.
  EdgeOptions options_;
  Random& random_;
  Outbox& outbox_;
  IndexTable indices_;
  Home peer_home_;
  Home link_home_;
  NodeId id_;
  Mac mac_;
  Ipv6 ipv6_;
  Ipv4 address_ = 0;
  unsigned bits_ = 0;
  std::vector<Endpoint> candidates_;
  std::vector<std::unique_ptr<Link>> links_;
  // Owns the peers. The three maps below lead to them by what is in frames; whoever is taken out of
  // the first is taken out of all (forget_peer).
  std::map<PublicKey, std::unique_ptr<Peer>> peers_;
  std::map<Mac, Peer*> by_mac_;
  std::map<Ipv4, Peer*> by_address_;
  std::map<NodeId, Peer*> by_id_;
  // At most 256 of each, three seconds long.
  std::map<Ipv4, WaitingArp> waiting_arps_;
  std::map<NodeId, WaitingQuestion> waiting_questions_;
  AccessList access_;
  std::vector<std::uint8_t> too_large_;  // a frame on its way into halves
  TokenBucket reports_{kReportRate, kReportBurst};
  // Its own, and what people know of it.
  enum class Validity { kGood, kEndsSoon, kNotNow };
  std::optional<Certificate> certificate_;
  Validity told_validity_ = Validity::kGood;
  // How much others make this edge do, and it others: see constants.hpp.
  TokenBucket flood_{kFloodRate, kFloodBurst};
  TokenBucket beacons_{kBeaconRate, kBeaconRate};
  TokenBucket questions_{kFindRate, kFindBurst};   // about others; the two below count in it, too
  TokenBucket doubtful_{kDoubtRate, kDoubtBurst};  // about strangers
  TokenBucket astray_{kDoubtRate, kDoubtBurst};    // about places that frames are for
  TokenBucket trains_{kTrainRate, kTrainBurst};    // that others ask for, bytes
  std::unique_ptr<Survey> survey_;
  Time members_asked_{-kMembersAgain};
  Time next_sweep_{};
  Counters counters_;
  TrafficRates rates_;
  CookieJar cookies_;
  FairLimits<Block<16>> callers_{kSourceRate, kSourceBurst, kMostCallers};
  FairLimits<NodeId> relayed_callers_{kRelayedRate, kRelayedBurst, kMostCallers};
  TokenBucket relayed_calls_{kCookieRate, kCookieRate};
};

}  // namespace marvel::vpn
