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

// Another edge of the community, as an edge sees it.
struct Peer : ChannelOwner {
  // `largest`: bytes of the largest datagram to it, with the relay's envelope.
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
  std::string name;
  std::vector<Endpoint> candidates;
  std::vector<Endpoint> near;    // where it says itself that it is, in the local network
  std::vector<Subnet> prefixes;  // that it says are behind it
  Channel channel;
  DirectPath direct;
  PathMtu direct_mtu;
  PathMtu relay_mtu;
  HalfFrames halves;
  TokenBucket flood{kFloodRate, kFloodBurst};  // of what it sends to all
  Retry handshake;
  // Frames that wait for a session, with their checksums.
  struct Waiting {
    std::vector<std::uint8_t> frame;
    PartialChecksum checksum;
  };
  std::deque<Waiting> waiting;
  std::size_t via = 0;       // the super node that relays, as a number of the edge's list
  Time last_used{};          // a frame in either direction
  bool silent = false;       // something was sent since it was last heard
  Time silent_since{};       // when that was first
  Time next_question{};      // whether it is still there
  Time asked{-kPunchAgain};  // a super node about it
  Traffic traffic;
  TrafficRates rates;
  std::unique_ptr<TrainArrival> train;  // the last that it sent; null most of the time
  Endpoint seen;                        // where it sees us on the direct path
  Time seen_at{};                       // when it last said so
};

// A super node, as an edge sees it.
struct Link : ChannelOwner {
  Link(Home& home, const Endpoint& where, const PublicKey& public_key)
      : endpoint(where), channel(home, public_key, *this) {}

  Endpoint endpoint;
  Channel channel;
  Retry handshake;
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
