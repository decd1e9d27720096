#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace marvel::vpn {

// Why a packet went no further.
enum class Drop : std::uint8_t {
  kMalformed,       // no datagram of ours
  kForged,          // failed authentication
  kReplayed,        // seen before, or too old to tell
  kUnknownSession,  // an index that no session has
  kNotAdmitted,     // a handshake of somebody who is no member
  kLimited,         // more handshakes than are worked on
  kSpoofed,         // a member used an address that is not its own
  kUnknownPeer,     // nobody is known to have the destination
  kNoPath,          // neither direct path nor super node
  kQueueFull,       // while a session was being made
  kNotCarried,  // a kind of frame that is not carried: multicast where it is off, others than IP
  kStorm,       // more broadcast than is carried
  kDenied,      // the access list does not allow it
  kCount,
};

std::string_view drop_name(Drop reason);

// Of a node; `Why` is the enumeration of the reasons, which ends with kCount.
template <class Why>
struct CountersOf {
  using Reason = Why;
  std::uint64_t frames_sent = 0;  // datagrams that carry frames
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_sent = 0;  // of frames
  std::uint64_t bytes_received = 0;
  std::uint64_t relayed = 0;  // by a super node, datagrams
  std::uint64_t relayed_bytes = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Why::kCount)> drops{};

  void drop(Why reason) { ++drops[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t dropped(Why reason) const {
    return drops[static_cast<std::size_t>(reason)];
  }
};
using Counters = CountersOf<Drop>;

}  // namespace marvel::vpn
