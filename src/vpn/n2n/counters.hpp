#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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
  kCount,
};
std::string_view drop_name(Drop reason);

struct Counters {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_sent = 0;  // of frames
  std::uint64_t bytes_received = 0;
  std::uint64_t relayed = 0;  // by a super node, datagrams
  std::uint64_t relayed_bytes = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Drop::kCount)> drops{};

  void drop(Drop reason) { ++drops[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t dropped(Drop reason) const {
    return drops[static_cast<std::size_t>(reason)];
  }
};

}  // namespace marvel::vpn::n2n
