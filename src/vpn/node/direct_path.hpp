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
//
//   path.punch(now, candidates)          a super node or a beacon has told where the peer may be
//   for (due : path.due(now)) ...        at each tick: a Probe{due.token} to due.to
//   path.answered(now, token, from)      for each ProbeReply that came directly
//
// An attempt takes five seconds: rounds of probes to all candidates at once, after 50 and 200 ms,
// then each second. It sends nothing itself: who owns it seals the probes, and begins attempts once
// there is a session. One thread; `random` outlives it.
class DirectPath {
 public:
  explicit DirectPath(Random& random) : random_(random) {}

  // Begins an attempt (again); without effect while one with all these is under way, and while
  // there is a path. At most 2 * kMaxCandidates places are probed; empty ones are left out.
  void punch(Time now, const std::vector<Endpoint>& candidates);
  // The peer was heard from there, with a genuine packet. Another place than the path's is probed,
  // too: its address may have changed, or its NAT uses another port towards us.
  void heard_from(Time now, const Endpoint& from);
  // A frame went over the relay or the path. For kPathActive after it the path is probed often.
  void used(Time now) { last_used_ = now; }

  struct Due {
    Endpoint to;
    std::uint64_t token = 0;
  };
  // The probes to send now. Ends the path when it is dead: after kPathDead without an answer, or
  // four round trips where these take longer.
  std::vector<Due> due(Time now);
  // The answer to a probe, which came from `from`. Whether the path is new or another one now. An
  // answer to no probe of ours, or from elsewhere than it was asked, is nothing. While a path is
  // open and answers, another candidate's answer does not move it.
  bool answered(Time now, std::uint64_t token, const Endpoint& from);

  [[nodiscard]] bool is_open() const { return !path_.empty(); }
  [[nodiscard]] const Endpoint& endpoint() const { return path_; }
  // Round trip of the last answer; 0 before the first.
  [[nodiscard]] Duration round_trip() const { return round_trip_; }
  // Of the probes of this path. It begins anew with another path.
  [[nodiscard]] const LossWindow& loss() const { return loss_; }
  // Whether another attempt is due: the path is closed, frames flow, and the last attempt failed
  // long enough ago.
  [[nodiscard]] bool wants_punch(Time now) const;
  // Ends the path, as when addresses have changed or the peer left; wants_punch() may say yes at
  // once.
  void close();

 private:
  // A probe that may still be answered: three seconds long, or four round trips.
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
