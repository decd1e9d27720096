#pragma once

#include "vpn/node/counters.hpp"

namespace marvel::vpn::n2n {

// Why a datagram or a frame went no further. An edge and a super node share the list; some reasons
// occur in one of them alone. Each counts from the node's start; status_json.hpp and metrics.hpp
// show them by drop_name().
enum class Drop : std::uint8_t {
  kMalformed,  // no datagram of n2n version 3
  // Of another community, or with a header that nobody here can open.
  kUnknownCommunity,
  // A stamp in an encrypted header that is old, repeated, or more than 16 s from this clock: a
  // sender whose clock is wrong is seen here.
  kReplayed,
  // An edge that is not registered, no super node of ours, or, where there are users, a
  // registration or its answer that its sender's key has not sealed.
  kUnknownSender,
  kUnknownPeer,  // nobody is known to have the destination
  kNoSupernode,  // none has answered yet
  kOtherCipher,  // encrypted in a way that this edge does not use
  // A frame that does not name its sender: another key, or changed on the way. n2n's ciphers tell
  // nothing of either.
  kOtherKey,
  kPacked,     // compressed in a way that n2n does not know, or damaged
  kMulticast,  // multicast, which is not carried unless it is asked for
  kRouted,     // from or to an address that is not this machine's
  // A super node refused a registration: another edge has the address, or the user is not known.
  kRefused,
  // More edges, peers or super nodes than are kept.
  kLimited,
  kStorm,  // more broadcast than a super node passes on
  kCount,
};
// In small letters, as in "unknown_sender": a key of JSON and a label of Prometheus. `reason` is
// not kCount.
std::string_view drop_name(Drop reason);

// Of one node. It is the node's own and, like it, for one thread.
using Counters = CountersOf<Drop>;

}  // namespace marvel::vpn::n2n
