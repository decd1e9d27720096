#pragma once

#include "vpn/constants.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/node/loss_window.hpp"
#include "vpn/wire/endpoint.hpp"

#include <vector>

namespace marvel::vpn {

// The search for a direct way to a peer, and the watch over it. Punching: both sides probe each
// other's candidates at the same time, so that each one's NAT takes the other's probes for answers.
// A candidate becomes the path only when the answer to a probe comes back from it: then both
// directions work, and nobody can move the path by copying packets.
//
// While frames flow the path is probed all the time. An unanswered probe soon ends it, and the
// caller goes back to the relay at once: an address may have changed at a NAT far away, which no
// side can see in another way.
class DirectPath {
 public:
  explicit DirectPath(Random& random) : random_(random) {}

  // Begins an attempt (again); without effect while one with all these is under way.
  void punch(Time now, const std::vector<Endpoint>& candidates);
  // The peer was heard from there, with a genuine packet.
  void heard_from(Time now, const Endpoint& from);
  // A frame went over the relay or the path.
  void used(Time now) { last_used_ = now; }

  struct Due {
    Endpoint to;
    std::uint64_t token = 0;
  };
  // The probes to send now. Ends the path when it is dead.
  std::vector<Due> due(Time now);
  // The answer to a probe, which came from `from`. Whether the path is new or another one now.
  bool answered(Time now, std::uint64_t token, const Endpoint& from);

  [[nodiscard]] bool is_open() const { return !path_.empty(); }
  [[nodiscard]] const Endpoint& endpoint() const { return path_; }
  // Round trip of the last answer; 0 before the first.
  [[nodiscard]] Duration round_trip() const { return round_trip_; }
  // Of the probes of this path.
  [[nodiscard]] const LossWindow& loss() const { return loss_; }
  // Whether another attempt is due: the path is closed, frames flow, and the last attempt failed
  // long enough ago.
  [[nodiscard]] bool wants_punch(Time now) const;
  void close();

 private:
  struct Outstanding {
    std::uint64_t token = 0;
    Endpoint to;
    Time sent{};
  };
  void probe(Time now, const Endpoint& to, std::vector<Due>& out);
  void forget_old_probes(Time now);
  void punch_due(Time now, std::vector<Due>& out);
  void path_due(Time now, std::vector<Due>& out);

  Random& random_;
  Endpoint path_;
  std::vector<Endpoint> candidates_;
  Time punch_began_{};
  Time next_punch_{};
  unsigned punch_round_ = 0;
  bool punching_ = false;
  bool tried_ = false;
  Time next_probe_{};
  Time unanswered_since_{};
  bool unanswered_ = false;
  Time last_used_{-kPathActive};
  Duration round_trip_{};
  LossWindow loss_;
  std::vector<Outstanding> outstanding_;
};

}  // namespace marvel::vpn
