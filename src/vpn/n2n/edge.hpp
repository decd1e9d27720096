#pragma once

#include "vpn/n2n/counters.hpp"
#include "vpn/n2n/cover.hpp"
#include "vpn/n2n/peer.hpp"
#include "vpn/n2n/transform.hpp"
#include "vpn/n2n/unpack.hpp"
#include "vpn/node/outbox.hpp"
#include "vpn/offload/segmenter.hpp"

#include <map>

namespace marvel::vpn::n2n {

// How an edge registers in a community with users. Both parts follow from the user's name and
// password and the federation's public key (user_key.hpp).
struct Login {
  PublicKey user{};
  SharedKey shared;  // with the super nodes of the federation
};

// Who an edge is and where it belongs. Names and keys are as the command line reads them: whoever
// makes one checks the sizes.
struct EdgeOptions {
  Community community{};
  std::string name;  // its first 15 bytes travel
  Mac mac{};
  // By which super nodes know this edge again. It stays the same over restarts, so an edge that
  // crashed is not refused its own address.
  Block<16> id{};
  // The community's; not empty but with Cipher::kNull. It encrypts frames; super nodes do without
  // it.
  std::string key;
  // All edges of a community have the same one; frames under another are dropped and counted.
  Cipher cipher = Cipher::kSpeck;
  // As all edges of the community have it; a login sets it.
  bool encrypted_header = false;
  std::optional<Login> login;  // with it headers are encrypted
  bool multicast = false;      // is carried, not only broadcast
  // In the order in which they are tried; at least one. While it runs the edge adds those that its
  // super node names, up to kMostSupernodes.
  std::vector<Endpoint> supernodes;
  // A fixed address, with the bits of its network; 0: the super node chooses.
  Ipv4 wanted = 0;
  unsigned bits = 24;
  // What the calendar says at time 0, in nanoseconds since 1970; for the stamps of encrypted
  // headers.
  std::uint64_t unix_ns_at_zero = 0;
};

// What may change while an edge runs. All else counts only after a restart.
struct EdgeSettings {
  std::vector<Endpoint> supernodes;  // at least one
  bool multicast = false;
};

// An edge of n2n version 3, as a machine without input and output, like vpn::Edge: calls bring
// time, frames and datagrams, an Outbox takes what is to happen.
//
// It is registered with one super node and goes to the next one when that falls silent; super nodes
// of one federation name each other. Frames go over the super node until an answer to a REGISTER
// came over a direct path. Nothing here is secure: read docs/design/007-vpn.md before you trust it
// with anything.
//
// How it is driven, from one thread, as run.hpp does:
//
//   Edge edge(options, random, outbox);
//   edge.set_candidates(local_endpoints(..));    // again when addresses of the machine change
//   edge.tick(now);                              // again every kTick: timers, registration, probes
//   edge.frame(now, bytes, info);                // for each frame of the device
//   edge.datagram(now, from, bytes);             // for each datagram of the socket
//   edge.leave(now);                             // at the end
//
// Registering without a fixed address takes two rounds: the first one draws an address, the second
// one registers with it; Outbox::addressed() is called between them. What comes in and cannot be
// used is counted in counters() and never answered with an error. State is bounded: kMaxPeers
// peers, kMostSupernodes super nodes, kMostTargets endpoints of a peer.
//
// One thread. No call keeps what it was given.
class Edge {
 public:
  // `random` and `outbox` outlive the edge. It sends nothing of its own before the first tick().
  Edge(EdgeOptions options, Random& random, Outbox& outbox);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge() = default;

  // Where this node may be reached inside its own network; the first IPv4 one is told to others
  // with the next registration. Whether another one was told before: the machine has moved, and
  // roam() is due.
  bool set_candidates(const std::vector<Endpoint>& candidates);
  // Other super nodes: this one is left when it is none of them. Paths and the address stay. Super
  // nodes that were learned are forgotten.
  void change(Time now, const EdgeSettings& settings);
  // The calendar was set: what it says now, less `now`, in nanoseconds since 1970. Stamps never go
  // back, so after a step back others hear this node only when the calendar has caught up.
  void set_calendar(std::uint64_t unix_ns_at_zero) { cover_.set_calendar(unix_ns_at_zero); }
  // At least every kTick. Times never go backwards from one call to the next, whichever it is.
  // Peers that neither sent nor were sent to for kPeerIdle are forgotten here.
  void tick(Time now);
  // From the underlay; its bytes are overwritten. A frame in it is delivered before this returns,
  // the checksum of TCP checked so that packets may be joined.
  void datagram(Time now, const Endpoint& from, MutableBytes datagram);
  // From the machine: an Ethernet frame, which may be a big one of TCP or UDP offload. It is cut
  // into packets and its checksums are completed, because programs of n2n expect whole frames.
  // Without an address, a super node or a path it is dropped: nothing is queued.
  void frame(Time now, Bytes frame, const FrameInfo& info);
  // Takes leave of the super node, if it is registered with it. For the end: a later tick()
  // registers again.
  void leave(Time now);
  // The machine's addresses have changed: direct paths are given up and looked for anew, and the
  // edge registers with the next tick().
  void roam(Time now);

  // The tie to the super node, which begins anew with each one that is gone to.
  struct Link {
    std::size_t number = 0;  // in EdgeOptions::supernodes
    // Whether the super node has accepted, and not refused or been left since: frames go over it.
    bool registered = false;
    // Whether people were told that it does not answer or refuses; so they hear it once.
    bool told = false;
    // A registration is under way; `for_address`: one that asks for an address only. `misses` of
    // them went unanswered, one after the other.
    bool waiting = false;
    bool for_address = false;
    unsigned misses = 0;
    // Drawn for each registration; an answer with another one is not taken.
    std::uint32_t cookie = 0;
    // Of the latest registration by user and password: only its answer brings a key.
    Block<16> challenge{};
    // When the next registration is due.
    Time next{};
    Endpoint seen;  // this node, as the super node sees it
    StampFilter stamps;
  };
  // As they are now: with super nodes that were learned or changed, and with `encrypted_header`
  // where there is a login. What is lent here and below lives until the next call that is not
  // const.
  [[nodiscard]] const EdgeOptions& options() const { return options_; }
  [[nodiscard]] const Link& link() const { return link_; }
  [[nodiscard]] const Endpoint& supernode() const { return options_.supernodes[link_.number]; }
  // 0 until there is one, and again when one that the super node chose was refused; `bits` are of
  // its network.
  [[nodiscard]] Ipv4 address() const { return address_; }
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const std::map<Mac, Peer>& peers() const { return peers_; }

 private:
  // edge.cpp: frames, and what comes in
  void send_frames(Time now, Bytes frame, const FrameInfo& info, const Mac& destination,
                   const Endpoint& to);
  [[nodiscard]] std::optional<Cover::Opened> open(MutableBytes bytes);
  void packet(Time now, const Endpoint& from, MutableBytes bytes, std::optional<Stamp> stamp);
  [[nodiscard]] bool wanted_frame(const PacketHead& head, Bytes frame);
  void deliver(Time now, const PacketHead& head, MutableBytes frame, const Endpoint& from);
  [[nodiscard]] bool is_foreign(Bytes frame, Ipv4 address) const;
  [[nodiscard]] bool carries(const Mac& destination) const;

  // edge_messages.cpp: registration and hole punching
  void message(Time now, const Endpoint& from, const Message& message, std::optional<Stamp> stamp);
  void on(Time now, const Endpoint& from, const Message& message, const Register& body);
  void on(Time now, const Endpoint& from, const RegisterAck& body);
  void on(Time now, const RegisterSuperAck& body);
  [[nodiscard]] bool learn_key(const RegisterSuperAck& body);
  void learn_supernodes(const RegisterSuperAck& body);
  void on(Time now, const RegisterSuperNak& body);
  void on(Time now, const PeerInfo& body);
  void send(Time now, const Endpoint& to, const Body& body);
  void tick_link(Time now);
  void register_super(Time now);
  void next_supernode();
  void announce(Time now);
  void tick_peer(Time now, Peer& peer);
  void want_path(Time now, Peer& peer);
  void punch(Time now, Peer& peer);
  void send_register(Time now, const Peer& peer, const Endpoint& to, std::uint32_t cookie);
  void lose_path(Time now, Peer& peer);
  void heard(Time now, Peer& peer);
  Peer* add_peer(Time now, const Mac& mac);
  Auth auth();
  [[nodiscard]] bool is_supernode(const Endpoint& from) const;

  EdgeOptions options_;
  Random& random_;
  Outbox& outbox_;
  Cover cover_;
  Transform transform_;
  Unpacker unpacker_;
  // Of every packet, but for the destination, which is written in before each.
  Block<kDirectHead> head_{};
  Link link_;
  Ipv4 address_ = 0;
  unsigned bits_ = 0;
  // The first IPv4 candidate, which goes with each registration.
  std::optional<Socket> preferred_;
  std::map<Mac, Peer> peers_;
  Counters counters_;
};

}  // namespace marvel::vpn::n2n
