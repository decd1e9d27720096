#pragma once

#include "vpn/node/counters.hpp"

namespace marvel::vpn::n2n {

// Why a datagram or a frame went no further.
enum class Drop : std::uint8_t {
  kMalformed,         // no datagram of n2n version 3
  kUnknownCommunity,  // of another community, or with a header that nobody here can open
  kReplayed,          // an old or repeated stamp in an encrypted header
  kUnknownSender,     // an edge that is not registered, or no super node of ours
  kUnknownPeer,       // nobody is known to have the destination
  kNoSupernode,       // none has answered yet
  kOtherCipher,       // encrypted in a way that this edge does not use
  kOtherKey,          // a frame that does not name its sender: another key, or changed on the way
  kPacked,            // compressed in a way that n2n does not know, or damaged
  kMulticast,         // multicast, which is not carried unless it is asked for
  kRouted,            // from or to an address that is not this machine's
  kRefused,           // an edge with the address of another one
  kLimited,           // more edges or peers than are kept
  kStorm,             // more broadcast than a super node passes on
  kCount,
};
std::string_view drop_name(Drop reason);

using Counters = CountersOf<Drop>;

}  // namespace marvel::vpn::n2n
