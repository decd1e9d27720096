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

struct EdgeOptions {
  KeyPairX identity;
  Membership peers;       // between edges
  Membership supernodes;  // between edge and super node
  std::string name;
  struct Supernode {
    Endpoint endpoint;
    PublicKey key{};
  };
  std::vector<Supernode> list;  // in the order in which they are preferred
  Ipv4 wanted = 0;              // a fixed address; 0: the super node chooses
  std::uint64_t unix_ns_at_zero = 0;
  std::size_t mtu = kDefaultMtu;   // of the device
  std::vector<Subnet> announced;   // networks behind this node, at most kMaxPrefixes
  std::vector<Subnet> accepted;    // networks that may be behind others
  std::vector<AccessRule> access;  // none: members may say everything
  bool multicast = false;          // broadcast is always carried
};

// The part of EdgeOptions that may change while the edge runs.
struct EdgeSettings {
  std::vector<EdgeOptions::Supernode> list;
  std::vector<Subnet> announced;
  std::vector<Subnet> accepted;
  std::vector<AccessRule> access;
  bool multicast = false;
};

// An edge as a machine without input and output: frames, datagrams and time come in as calls, and
// what shall happen goes to an Outbox. So a simulator with a virtual clock drives the same code as
// the runtime does.
//
// It is registered with all super nodes at once; the first that answers leads: it gives the
// address, finds peers and relays. A frame for a peer without a session starts a handshake over the
// relay and waits. Once there is a session both sides look for a direct path; until there is one,
// and whenever it dies, frames go over the relay.
//
// One thread. No call keeps what it was given.
class Edge {
 public:
  Edge(EdgeOptions options, Random& random, Outbox& outbox);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge() = default;

  // Where this node may be reached inside its own network. Call it when addresses change; the super
  // nodes are told.
  // Whether they are others than before.
  bool set_candidates(Time now, std::vector<Endpoint> candidates);
  // At least every kTick.
  void tick(Time now);
  // From the underlay; its bytes are overwritten.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);
  // What all in the local network may be told each kBeaconEvery, so that members there find this
  // node while no super node introduces them; nothing while it has no address. And what others have
  // told so.
  std::vector<std::uint8_t> beacon(Time now);
  void on_beacon(Time now, Bytes bytes);
  // From the machine.
  void frame(Time now, Bytes frame, const FrameInfo& info);
  // Tells super nodes and peers that this node leaves.
  void leave(Time now);
  // Looks for other ways at once: the machine's addresses have changed.
  void roam(Time now);
  // The calendar was set: what it says now, less `now`, in nanoseconds since 1970.
  void set_calendar(std::uint64_t unix_ns_at_zero);
  // A new certificate or a new list of revocations. Sessions with members that are members no more
  // end now. Both are of the same community as before.
  void set_membership(const Membership& peers, const Membership& supernodes);

  // Begins to measure the paths to peers; tick() goes on with it. What another survey has found is
  // lost.
  void survey(Time now, SurveyOrder order);
  // The last survey, until it is ended; null when there is none.
  [[nodiscard]] const Survey* survey() const { return survey_.get(); }
  void end_survey() { survey_.reset(); }

  // Sessions, paths and the address stay; super nodes that are listed no more are told goodbye.
  void change(Time now, const EdgeSettings& settings);

  [[nodiscard]] Ipv4 address() const { return address_; }
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] Ipv6 ipv6() const { return ipv6_; }
  [[nodiscard]] Mac mac() const { return mac_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }
  [[nodiscard]] const PublicKey& public_key() const { return options_.identity.point; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // Of all peers together.
  [[nodiscard]] const TrafficRates& rates() const { return rates_; }
  // As the super nodes that it is registered with, and peers with a direct path, see it.
  [[nodiscard]] NatFinding nat(Time now) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Link>>& links() const { return links_; }
  [[nodiscard]] const std::map<PublicKey, std::unique_ptr<Peer>>& peers() const { return peers_; }

 private:
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
  void initiate(Time now, Link& link);
  void probe_link(Time now, Link& link);
  void link_text(Time now, Link& link, Bytes text);
  void on_lease(Time now, Link& link, const Lease& lease);
  void on_refused(Link& link, Refused::Reason reason);
  void tell_once(Link& link, const std::string& what);
  void on_absent(const Absent& absent, const Link& link);
  void on_unknown(Time now, const Endpoint& from, Bytes datagram);
  void reset_link(Link& link);
  bool send_control(Time now, Link& link, const Control& message);
  [[nodiscard]] Link* leader() const;
  [[nodiscard]] Link* relay_of(const Peer& peer) const;
  void ask(Time now, const Find& find);
  void ask_about(Time now, Peer& peer);

  // edge_peers.cpp: the side of the peers
  void tick_peer(Time now, Peer& peer);
  void watch_silence(Time now, Peer& peer);
  void watch_path(Time now, Peer& peer);
  void begin_session(Time now, Peer& peer);
  void session_began(Time now, Peer& peer);
  void peer_text(Time now, Peer& peer, Bytes text, const Endpoint* direct_from, bool relayed);
  bool send_control(Time now, Peer& peer, const Control& message, const Endpoint* to);
  void send_handshake(Peer& peer, Bytes message, const Endpoint* to);
  void send_frames(Time now, Peer& peer, Segmenter& cut);
  void flush_waiting(Time now, Peer& peer);
  void receive_frame(Time now, Peer& peer, const SealedHeader& header, Bytes frame);
  void on_peer_info(Time now, const PeerInfo& info);
  void tell_path(const Peer& peer);
  [[nodiscard]] PathMtu& mtu_of(Peer& peer) {
    return peer.direct.is_open() ? peer.direct_mtu : peer.relay_mtu;
  }
  void probe_mtu(Time now, Peer& peer);
  void seal_and_send(Time now, Peer& peer, const SealedHeader& header, MutableBytes room,
                     const Link* link);
  void send_halves(Time now, Peer& peer, const SealedHeader& header, Bytes frame, const Link* link);
  Peer* add_peer(const PublicKey& key);
  void forget_peer(const PublicKey& key);
  [[nodiscard]] bool may_have(const Peer& peer, Ipv4 address) const;

  // edge_settings.cpp
  void change_links(Time now, const std::vector<EdgeOptions::Supernode>& list);

  // edge_lan.cpp: who is in the local network
  void introduce(Time now, Peer& peer, const PeerInfo& info);
  static std::vector<Endpoint> places_of(const Peer& peer);
  [[nodiscard]] bool has_way(const Peer& peer) const;

  // edge_measure.cpp: what paths carry
  void list_survey(Time now);
  void tick_survey(Time now);
  void measure(Time now, Peer& peer, PathMeasurement& path);
  std::size_t train_room(Peer& peer);
  void send_train(Time now, Peer& peer, const TrainAsk& train);
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
  [[nodiscard]] bool is_link(const ChannelOwner& owner) const;
  [[nodiscard]] std::size_t number_of(const Link& link) const;

  // edge_layer2.cpp: who is where, broadcast, and what may come in
  void arp(Time now, Bytes frame);
  void answer_arp(const ArpRequest& request, const Peer& peer);
  void neighbour(Time now, const NeighbourQuestion& question);
  void answer_waiting(const Peer& peer);
  void flood(Time now, Bytes frame, const FrameInfo& info);
  [[nodiscard]] Peer* peer_at(Ipv4 address) const;
  [[nodiscard]] bool is_behind(const Peer& peer, Ipv4 address) const;
  [[nodiscard]] bool is_inside(const Endpoint& where) const;
  [[nodiscard]] bool is_source_of(const Peer& peer, Bytes frame) const;
  [[nodiscard]] bool is_for_us(Bytes frame) const;

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
  std::map<PublicKey, std::unique_ptr<Peer>> peers_;
  std::map<Mac, Peer*> by_mac_;
  std::map<Ipv4, Peer*> by_address_;
  std::map<NodeId, Peer*> by_id_;
  std::map<Ipv4, WaitingArp> waiting_arps_;
  std::map<NodeId, WaitingQuestion> waiting_questions_;
  AccessList access_;
  std::vector<std::uint8_t> too_large_;  // a frame on its way into halves
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
