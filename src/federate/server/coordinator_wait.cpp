// How long a round waits, for whom, and what it does when waiting does not help.
#include "base/random.hpp"
#include "federate/server/coordinator.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace marvel::federate {

// --- the clock ---

// Without a deadline a silent client must not hold up the others for ever, and a slow one must not
// be cut off: what is long is told by the slowest answer so far, late ones included.
Time Coordinator::limit() const {
  constexpr int kTimes = 10;
  return rules_.deadline.value_or(std::max(rules_.least_patience, kTimes * slowest_));
}

void Coordinator::start_clock(Time now) {
  clock_began_ = now;
  due_ = now + limit();
}

void Coordinator::note_time(Time took) {
  slowest_ = std::max(slowest_, took);
  const bool runs = phase_ == Phase::kProbe || phase_ == Phase::kFit || phase_ == Phase::kEvaluate;
  if (runs && due_ && !rules_.deadline) {
    due_ = clock_began_ + limit();
  }
}

// Without a deadline nobody is late as long as nobody is there, unless that lasts very long. For
// rounds that nobody can join later.
bool Coordinator::is_late(Time now, std::size_t there) {
  constexpr int kAlone = 24;
  if (!due_ || now < *due_) {
    return false;
  }
  const Time last = clock_began_ + kAlone * limit();
  if (there > 0 || rules_.deadline || now >= last) {
    return true;
  }
  due_ = last;
  return false;
}

// --- training ---

// Clients the round still waits for. The ones whose time to come back is over are given up.
std::size_t Coordinator::outstanding(Time now) {
  std::size_t count = 0;
  for (auto& [key, asked] : asked_) {
    if (asked.report.fate != Fate::kAsked) {
      continue;
    }
    if (asked.lost && now >= *asked.lost + rules_.rejoin_grace) {
      asked.report.fate = Fate::kGone;
      auto& history = state_.histories[key];
      history.response = running_mean(history.response, 0);
      log_.warning(fmt::format("round {}: client {} is gone", report_.round, key));
    } else if (!asked.overdue) {
      ++count;
    }
  }
  return count;
}

// The deadline has come with too few answers: others are asked, and all have the same time again.
void Coordinator::let_others_help(Time now, std::size_t there) {
  if (rules_.deadline || there > 0) {
    for (auto& [key, asked] : asked_) {
      asked.overdue = true;
    }
  }
  start_clock(now);
}

// Whether there was anybody else to ask. Who is in the round with a late update is not.
bool Coordinator::top_up(Time now, std::size_t missing) {
  auto candidates = idle_clients();
  std::erase_if(candidates, [this](const auto& key) {
    const auto found = asked_.find(key);
    const bool busy = found != asked_.end() && found->second.report.fate != Fate::kGone &&
                      found->second.report.fate != Fate::kReported;
    return busy || is_counted(key);
  });
  if (candidates.empty()) {
    return false;
  }
  const auto selection = draw(candidates, state_.histories, missing);
  for (const auto& pick : selection.picks) {
    const auto asked = asked_.find(pick.client);
    const bool trained = asked != asked_.end() && asked->second.report.fate == Fate::kReported;
    trained ? ask_upload(pick, now) : ask_fit(pick, now);
  }
  return !selection.picks.empty();
}

// A damaged update may be whole the second time.
bool Coordinator::ask_refused_again(Time now) {
  bool any = false;
  for (auto& [key, asked] : asked_) {
    const Session* session = find(session_of(key));
    const bool idle = session != nullptr && session->pending == Pending::kNothing;
    if (asked.report.fate != Fate::kRefused || asked.again || !idle) {
      continue;
    }
    asked.again = any = true;
    asked.overdue = false;
    asked.since = now;
    asked.report.fate = Fate::kAsked;
    asked.report.why.clear();
    send_fit(session_of(key), now);
  }
  return any;
}

// Everybody has answered or is given up, and nobody else is there. An explicit quorum is kept: who
// is away may come back. Where waiting cannot help, because updates were refused, the round is
// void.
bool Coordinator::end_with_nobody_left(Time now, std::size_t there) {
  if (there > 0 && rules_.min_results == 0) {
    return finish_round(now);
  }
  if (ask_refused_again(now)) {
    return false;
  }
  const auto any = [this](Fate fate) {
    return std::any_of(asked_.begin(), asked_.end(),
                       [fate](const auto& row) { return row.second.report.fate == fate; });
  };
  const bool may_come = any(Fate::kAsked) || (rules_.min_results > 0 && any(Fate::kGone));
  if (any(Fate::kRefused) && !may_come) {
    void_ = fmt::format("{} of {} answers that it needs, and others were refused", there, quorum_);
    return finish_round(now);
  }
  warn_stuck(now, there);
  return false;
}

void Coordinator::warn_stuck(Time now, std::size_t there) {
  constexpr Time kBetween{60000};
  if (!warn_at_ || now >= *warn_at_) {
    warn_at_ = now + kBetween;
    log_.warning(fmt::format("round {}: {} of {} answers that it needs, and nobody is left to ask",
                             report_.round, there, quorum_));
  }
}

}  // namespace marvel::federate
