#pragma once

#include "vpn/node/outbox.hpp"

#include <array>
#include <optional>
#include <vector>

namespace marvel::vpn {

// A frame that is larger than the path takes travels as two sealed packets with counters that
// follow each other; flags say which half each one is. They may arrive in any order. Only genuine
// packets come here, so a half can displace halves of its own sender only. Memory is kept for the
// next ones.
//
// An edge has one of these per peer. Two halves suffice: with the default MTU half of the largest
// frame fits the smallest path (kSmallestPath), relayed too. Fragments of IP would do the same, but
// many firewalls drop them.
class HalfFrames {
 public:
  enum class Which { kFirst, kSecond };
  struct Whole {
    Bytes frame;  // until the next half
    PartialChecksum checksum;
  };

  // The whole frame when `half` completes one. `session` is the index that its counter counts in;
  // the checksum of either half is the frame's. Otherwise the half is copied and waits; a half
  // whose other one was lost stays until 64 others have come after it.
  std::optional<Whole> add(Which which, std::uint32_t session, std::uint64_t counter, Bytes half,
                           const PartialChecksum& checksum);

 private:
  struct Waiting {
    bool used = false;
    Which which = Which::kFirst;
    std::uint32_t session = 0;
    // Both halves name it: the second one's counter is this plus one.
    std::uint64_t first = 0;  // counter of the first half
    std::vector<std::uint8_t> bytes;
  };
  // What is older than this many others is lost.
  std::array<Waiting, 64> waiting_;
  std::size_t next_ = 0;
  std::vector<std::uint8_t> joined_;
};

}  // namespace marvel::vpn
