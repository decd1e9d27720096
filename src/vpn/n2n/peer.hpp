#pragma once

#include "vpn/n2n/message.hpp"
#include "vpn/n2n/stamp.hpp"

#include <string>
#include <vector>

namespace marvel::vpn::n2n {

// What an edge knows of another one. The edge makes one when it first sends to an Ethernet address
// or hears from it, and forgets it after kPeerIdle without either.
//
// A peer has a direct path or none. Without one, frames go over the super node, while now and then
// the edge asks where the peer is and sends a REGISTER to each of its targets. The first answer
// from a target makes the path. With one, a REGISTER goes over it again and again; when none is
// answered for kPathLost the path is dropped, and all begins anew. timing.hpp has the times.
struct Peer {
  // An endpoint where the peer may be, and the cookie that stands in the REGISTER to it. An answer
  // is taken only from that endpoint and with that cookie.
  struct Target {
    Endpoint endpoint;
    std::uint32_t cookie = 0;
  };
  // By which peers are told apart. Name and address are what the peer says of itself in a REGISTER:
  // empty and 0 until then, and proven by nothing.
  Mac mac{};
  std::string name;
  Ipv4 address = 0;
  // The direct way; empty: over the super node. A path that answers under a higher cookie takes its
  // place, so one inside the local network wins over one through the NAT.
  Endpoint path;
  std::uint32_t cookie = 0;  // of the path: a higher one is preferred
  // At most kMostTargets, the newest ones; none twice.
  std::vector<Target> targets;
  // Of what comes straight from the peer with an encrypted header.
  StampFilter stamps;

  // The last frame of ours to it, and the last frame or REGISTER or answer from it.
  Time last_used{};
  Time last_heard{};
  // When the super node may be asked again where it is; `asks` counts, because the first ones may
  // follow each other sooner.
  Time next_ask{};
  unsigned asks = 0;
  // Until when REGISTERs go to the targets, and when the next round of them is due.
  Time punch_until{};
  Time next_punch{};
  // When the path is probed next. `unanswered`: a probe is, since the time behind it.
  Time next_probe{};
  bool unanswered = false;
  Time unanswered_since{};
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;

  // Without effect for an endpoint that is empty or there already. The oldest one goes when all
  // places are taken.
  void add_target(const Endpoint& endpoint, std::uint32_t target_cookie);
  // Lent until the next add_target(); nullptr: none.
  [[nodiscard]] const Target* target(const Endpoint& endpoint) const;
};

}  // namespace marvel::vpn::n2n
