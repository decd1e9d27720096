#pragma once

#include "vpn/n2n/message.hpp"
#include "vpn/n2n/stamp.hpp"

#include <string>
#include <vector>

namespace marvel::vpn::n2n {

// What an edge knows of another one.
struct Peer {
  struct Target {
    Endpoint endpoint;
    std::uint32_t cookie = 0;  // that stands in the REGISTER to it
  };
  Mac mac{};
  std::string name;
  Ipv4 address = 0;
  Endpoint path;                // the direct way; empty: over the super node
  std::uint32_t cookie = 0;     // of the path: a higher one is preferred
  std::vector<Target> targets;  // where it may be
  StampFilter stamps;

  Time last_used{};   // by a frame of ours
  Time last_heard{};  // a frame or an answer
  Time next_ask{};    // of the super node where it is
  unsigned asks = 0;
  Time punch_until{};
  Time next_punch{};
  Time next_probe{};
  bool unanswered = false;  // a probe
  Time unanswered_since{};
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;

  void add_target(const Endpoint& endpoint, std::uint32_t target_cookie);
  [[nodiscard]] const Target* target(const Endpoint& endpoint) const;  // nullptr: none
};

}  // namespace marvel::vpn::n2n
