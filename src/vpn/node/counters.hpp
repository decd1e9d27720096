#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace marvel::vpn {

// Why a packet went no further. The names are those of drop_name().
enum class Drop : std::uint8_t {
  kMalformed,  // no datagram of ours
  // Failed authentication: changed, or sealed with another key. Also a packet of a session that is
  // too old, and an answer to a handshake that does not open.
  kForged,
  // Seen before, or too old to tell; also a first message that a channel does not answer, and a
  // beacon of another day.
  kReplayed,
  kUnknownSession,  // an index that no session has
  kNotAdmitted,     // a handshake of somebody who is no member
  // More than is taken of somebody: handshakes, questions, messages, beacons, relayed bytes,
  // trains; or no place for one peer more.
  kLimited,
  // A member used an address that is not its own, or the machine believes that somebody has one
  // that is another one's.
  kSpoofed,
  kUnknownPeer,  // nobody is known to have the destination
  kNoPath,       // neither direct path nor super node
  // No place among the frames that wait for a session, or in the queue of a limited relay.
  kQueueFull,
  kNotCarried,  // a kind of frame that is not carried: multicast where it is off, others than IP
  kStorm,       // more broadcast than is carried
  kDenied,      // the access list does not allow it
  kTooLarge,    // half of it is more than its path takes
  kNotSent,  // a datagram that the machine did not take: no room, no route, or larger than its MTU
  kCount,
};

// The word in the status and in metrics: "malformed", "forged", ...
std::string_view drop_name(Drop reason);

// Of a node; `Why` is the enumeration of the reasons, which ends with kCount. n2n/counters.hpp has
// another one. They only grow and begin at 0 with the node. One thread.
template <class Why>
struct CountersOf {
  using Reason = Why;
  // Frames as they go over the wire: a big frame of the machine counts once for each packet that it
  // is cut into, one that travels in two halves counts once.
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_sent = 0;  // of frames
  std::uint64_t bytes_received = 0;
  // Datagrams that a super node has passed on, and their bytes as the first edge made them: without
  // the envelope, where there is one.
  std::uint64_t relayed = 0;
  std::uint64_t relayed_bytes = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Why::kCount)> drops{};

  void drop(Why reason) { ++drops[static_cast<std::size_t>(reason)]; }
  // For what others count.
  void set_drops(Why reason, std::uint64_t total) {
    drops[static_cast<std::size_t>(reason)] = total;
  }
  [[nodiscard]] std::uint64_t dropped(Why reason) const {
    return drops[static_cast<std::size_t>(reason)];
  }
};
using Counters = CountersOf<Drop>;

}  // namespace marvel::vpn
