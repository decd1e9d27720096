#include "vpn/node/direct_path.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kMostOutstanding = 64;
constexpr Duration kAnswerWithin = seconds(3);
constexpr std::size_t kMostTargets = 2 * kMaxCandidates;

// When the next round of an attempt follows the one of this number: 50, 150 ms, then each second.
Duration pause_after(unsigned round) {
  constexpr std::array<Duration, 2> kFirst{milliseconds(50), milliseconds(150)};
  return round < kFirst.size() ? kFirst[round] : Duration{seconds(1)};
}

}  // namespace

void DirectPath::punch(Time now, const std::vector<Endpoint>& candidates) {
  const bool covered =
      std::all_of(candidates.begin(), candidates.end(), [this](const Endpoint& one) {
        return std::find(candidates_.begin(), candidates_.end(), one) != candidates_.end();
      });
  if (is_open() || (punching_ && covered)) {
    return;
  }
  if (!punching_) {
    candidates_.clear();
  }
  for (const Endpoint& one : candidates) {
    const bool known = std::find(candidates_.begin(), candidates_.end(), one) != candidates_.end();
    if (!one.empty() && !known && candidates_.size() < kMostTargets) {
      candidates_.push_back(one);
    }
  }
  punching_ = true;
  tried_ = true;
  punch_began_ = now;
  next_punch_ = now;
  punch_round_ = 0;
}

void DirectPath::heard_from(Time now, const Endpoint& from) {
  const bool candidate =
      std::find(candidates_.begin(), candidates_.end(), from) != candidates_.end();
  if (from == path_ || candidate) {
    return;
  }
  const auto same = [&](const Outstanding& one) {
    return one.to == from && now - one.sent < kPathProbe;
  };
  const bool asked = std::any_of(outstanding_.begin(), outstanding_.end(), same);
  if (asked) {
    return;
  }
  if (!is_open() && !punching_) {
    punch(now, {from});
  } else if (candidates_.size() < kMostTargets) {
    // Its address changed, or its NAT uses another port towards us than towards the super node.
    candidates_.push_back(from);
    punching_ = true;
    punch_began_ = now;
    next_punch_ = now;
    punch_round_ = 0;
  }
}

void DirectPath::probe(Time now, const Endpoint& to, std::vector<Due>& out) {
  const std::uint64_t token = random_u64(random_);
  if (outstanding_.size() >= kMostOutstanding) {
    outstanding_.erase(outstanding_.begin());
  }
  outstanding_.push_back({token, to, now});
  out.push_back({to, token});
}

void DirectPath::punch_due(Time now, std::vector<Due>& out) {
  if (!punching_ || now < next_punch_) {
    return;
  }
  if (now - punch_began_ > kPunchFor) {
    punching_ = false;
    candidates_.clear();
    return;
  }
  for (const Endpoint& candidate : candidates_) {
    probe(now, candidate, out);
  }
  next_punch_ = now + pause_after(punch_round_++);
}

void DirectPath::path_due(Time now, std::vector<Due>& out) {
  if (!is_open()) {
    return;
  }
  // One far away, or behind a full queue, gets the time that its answers take.
  const Duration patience = std::max<Duration>(kPathDead, 4 * round_trip_);
  if (unanswered_ && now - unanswered_since_ >= patience) {
    close();
    return;
  }
  const bool active = unanswered_ || now - last_used_ < kPathActive;
  const Time due_at = active ? std::min(next_probe_, now + kPathProbe) : next_probe_;
  next_probe_ = due_at;
  if (now < next_probe_) {
    return;
  }
  probe(now, path_, out);
  next_probe_ = now + (active ? Duration{kPathProbe} : Duration{kIdleProbe});
  if (!unanswered_) {
    unanswered_ = true;
    unanswered_since_ = now;
  }
}

void DirectPath::forget_old_probes(Time now) {
  std::erase_if(outstanding_, [this, now](const Outstanding& one) {
    const bool old = now - one.sent > std::max<Duration>(kAnswerWithin, 4 * round_trip_);
    if (old && one.to == path_) {
      loss_.add(false);
    }
    return old;
  });
}

std::vector<DirectPath::Due> DirectPath::due(Time now) {
  std::vector<Due> out;
  forget_old_probes(now);
  path_due(now, out);
  punch_due(now, out);
  return out;
}

bool DirectPath::answered(Time now, std::uint64_t token, const Endpoint& from) {
  const auto asked =
      std::find_if(outstanding_.begin(), outstanding_.end(),
                   [&](const Outstanding& one) { return one.token == token && one.to == from; });
  if (asked == outstanding_.end()) {
    return false;
  }
  round_trip_ = now - asked->sent;
  outstanding_.erase(asked);
  const bool changed = path_ != from;
  if (changed) {
    // The first answer wins an attempt. While a path is open another one replaces it only when it
    // is the peer itself that moved: then probes to the old one stay unanswered.
    if (is_open() && !unanswered_) {
      return false;
    }
    path_ = from;
    loss_.clear();
  }
  loss_.add(true);
  unanswered_ = false;
  punching_ = false;
  candidates_.clear();
  next_probe_ = now + kPathProbe;
  return changed;
}

bool DirectPath::wants_punch(Time now) const {
  return !is_open() && !punching_ && now - last_used_ < kPathActive &&
         (!tried_ || now - punch_began_ > kPunchAgain);
}

void DirectPath::close() {
  path_ = {};
  unanswered_ = false;
  tried_ = false;  // so that an attempt follows at once
}

}  // namespace marvel::vpn
