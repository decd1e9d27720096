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

// How an edge registers in a community with users.
struct Login {
  PublicKey user{};
  SharedKey shared;  // with the super nodes of the federation
};

struct EdgeOptions {
  Community community{};
  std::string name;  // its first 15 bytes travel
  Mac mac{};
  Block<16> id{};   // by which super nodes know this edge again
  std::string key;  // the community's; not empty but with Cipher::kNull
  Cipher cipher = Cipher::kSpeck;
  bool encrypted_header = false;
  std::optional<Login> login;        // with it headers are encrypted
  bool multicast = false;            // is carried, not only broadcast
  std::vector<Endpoint> supernodes;  // in the order in which they are tried; at least one
  Ipv4 wanted = 0;                   // a fixed address; 0: the super node chooses
  unsigned bits = 24;                // of the fixed address's network
  std::uint64_t unix_ns_at_zero = 0;
};

// What may change while an edge runs.
struct EdgeSettings {
  std::vector<Endpoint> supernodes;  // at least one
  bool multicast = false;
};

// An edge of n2n version 3, as a machine without input and output, like vpn::Edge: calls bring
// time, frames and datagrams, an Outbox takes what is to happen.
//
// It is registered with one super node and goes to the next one when that falls silent; super nodes
// of one federation name each other. Frames go
// over the super node until an answer to a REGISTER came over a direct path. Nothing here is
// secure: read docs/design/007-vpn.md before you trust it with anything.
//
// One thread. No call keeps what it was given.
class Edge {
 public:
  Edge(EdgeOptions options, Random& random, Outbox& outbox);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge() = default;

  // Where this node may be reached inside its own network; the first IPv4 one is told to others.
  // Whether another one was told before: the machine has moved.
  bool set_candidates(const std::vector<Endpoint>& candidates);
  // Other super nodes: this one is left when it is none of them. Paths and the address stay.
  void change(Time now, const EdgeSettings& settings);
  // At least every kTick.
  void tick(Time now);
  // From the underlay; its bytes are overwritten.
  void datagram(Time now, const Endpoint& from, MutableBytes datagram);
  // From the machine.
  void frame(Time now, Bytes frame, const FrameInfo& info);
  // Takes leave of the super node.
  void leave(Time now);
  // The machine's addresses have changed: paths are looked for anew.
  void roam(Time now);

  struct Link {              // to the super node
    std::size_t number = 0;  // in EdgeOptions::supernodes
    bool registered = false;
    bool told = false;  // people, that it does not answer or refuses
    bool waiting = false;
    bool for_address = false;
    unsigned misses = 0;
    std::uint32_t cookie = 0;
    Block<16> challenge{};  // of a registration by user and password
    Time next{};
    Endpoint seen;  // this node, as the super node sees it
    StampFilter stamps;
  };
  [[nodiscard]] const EdgeOptions& options() const { return options_; }
  [[nodiscard]] const Link& link() const { return link_; }
  [[nodiscard]] const Endpoint& supernode() const { return options_.supernodes[link_.number]; }
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
  Block<kDirectHead> head_{};  // of every packet, but for the destination
  Link link_;
  Ipv4 address_ = 0;
  unsigned bits_ = 0;
  std::optional<Socket> preferred_;
  std::map<Mac, Peer> peers_;
  Counters counters_;
};

}  // namespace marvel::vpn::n2n
