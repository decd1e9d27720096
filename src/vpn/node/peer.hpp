#pragma once

#include "vpn/channel/channel.hpp"
#include "vpn/node/direct_path.hpp"
#include "vpn/node/half_frames.hpp"
#include "vpn/node/loss_window.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/node/path_mtu.hpp"
#include "vpn/node/rate_meter.hpp"
#include "vpn/node/retry.hpp"
#include "vpn/node/token_bucket.hpp"
#include "vpn/node/train_arrival.hpp"
#include "vpn/wire/control.hpp"

#include <deque>
#include <memory>

namespace marvel::vpn {

// Another edge of the community, as an edge sees it: who it is, the session with it, the ways to
// it, and what is counted of it.
//
// A peer is made when somebody tells of it (a super node, a beacon) or when it begins a handshake
// itself, and forgotten when no frame has gone either way for kPeerIdle, or for kHalfOpen while it
// has neither a session nor an address. What it is told to be and what it has proved are apart:
// `key`, `id` and `mac` belong together by themselves, the channel's certificate is proved, and
// `address`, `name`, `prefixes`, `candidates` are a super node's word, `near` the peer's own (and
// while no super node is registered with, name, address and networks, too).
//
// Plain data; Edge reads and writes it (edge_peers.cpp), the status only reads. It stays in one
// place from the day it is made, because channel and maps point to it. One thread.
struct Peer : ChannelOwner {
  // `home` outlives it. `largest`: bytes of the largest datagram to it, with the relay's envelope.
  Peer(Home& home, const PublicKey& public_key, std::size_t largest)
      : key(public_key),
        id(node_id(public_key)),
        mac(mac_of(public_key)),
        channel(home, public_key, *this),
        direct(home.random),
        direct_mtu(largest - kEnvelopeSize),
        relay_mtu(largest) {}

  PublicKey key;
  NodeId id;
  Mac mac;
  Ipv4 address = 0;  // 0 until a super node has told
  // A super node knows it no more, and there is no session: who has its address is asked again.
  bool absent = false;
  std::string name;
  // Where a super node says that it may be: in its own networks and as seen from outside.
  std::vector<Endpoint> candidates;
  std::vector<Endpoint> near;    // where it says itself that it is, in the local network
  std::vector<Subnet> prefixes;  // that it says are behind it
  // The session. Both paths share it, so a frame may come by either and is taken once.
  Channel channel;
  // The ways: the direct one if it is open, else a relay. What each takes is measured apart.
  DirectPath direct;
  PathMtu direct_mtu;
  PathMtu relay_mtu;
  // What it sends that is more than one datagram, and more than its share.
  HalfFrames halves;
  TokenBucket flood{kFloodRate, kFloodBurst};  // of what it sends to all
  bool told_large = false;                     // people know that its path is too small for frames
  Retry handshake;
  // Frames that wait for a session, with their checksums: at most kQueuedFrames, cut to their size
  // on the wire already. They are dropped when there is none for kPeerGivesUp.
  struct Waiting {
    std::vector<std::uint8_t> frame;
    PartialChecksum checksum;
  };
  std::deque<Waiting> waiting;
  std::size_t via = 0;  // the super node that relays, as a number of the edge's list
  Time last_used{};     // a frame in either direction
  // How a peer that was restarted is noticed: it cannot say that it knows no session of ours.
  bool silent = false;       // something was sent since it was last heard
  Time silent_since{};       // when that was first
  Time next_question{};      // whether it is still there
  Time asked{-kPunchAgain};  // a super node about it
  // Since it was met; a peer that was forgotten and comes back begins at 0.
  Traffic traffic;
  TrafficRates rates;
  std::unique_ptr<TrainArrival> train;  // the last that it sent; null most of the time
  Endpoint seen;                        // where it sees us on the direct path
  Time seen_at{};                       // when it last said so
};

// A super node, as an edge sees it. One for each that is configured, in their order; it lives until
// the configuration changes.
//
//   no session            handshakes, as `handshake` says
//   a session             Register, as `registering` says, until there is a Lease
//   registered            a probe each second; when one stays unanswered, all begins anew
//
// One that is registered may relay, and is asked about peers. One thread.
struct Link : ChannelOwner {
  Link(Home& home, const Endpoint& where, const PublicKey& public_key)
      : endpoint(where), channel(home, public_key, *this) {}

  Endpoint endpoint;
  Channel channel;
  Retry handshake;
  // Runs while an answer to Register is missing; after a refusal it goes on, ever more seldom.
  Retry registering;
  bool registered = false;
  bool renewing = false;    // it is asked again, and counts as registered until it answers
  bool forgotten = false;   // it says, with nothing to prove it, that it does not know us
  bool told = false;        // people know that it does not answer, or refuses us
  Endpoint seen;            // where it sees us
  std::uint64_t token = 0;  // of the question under way, or of the last one
  unsigned asked = 0;       // so many probes had this token,
  unsigned answered = 0;    // and so many answers came
  LossWindow loss;
  bool unanswered = false;
  Time unanswered_since{};
  Time next_probe{};
  Duration round_trip{};
  Time last_reset{-seconds(10)};  // when it last said that it does not know us
};

}  // namespace marvel::vpn
