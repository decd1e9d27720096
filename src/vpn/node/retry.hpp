#pragma once

#include "vpn/constants.hpp"

#include <algorithm>

namespace marvel::vpn {

// When to try a handshake again: after 300 ms, then twice as long each time, at most 2 s.
//
//   if (retry.due(now)) { send(channel.initiate(now)); }   // at each tick, while it is wanted
//   ...
//   retry.stop();                                          // an answer came
//
// The first due() begins a series and says yes at once; stop() ends it, so the next one begins with
// 300 ms again.
class Retry {
 public:
  // Whether it is time; a time to try is used up by asking.
  bool due(Time now) {
    if (active_ && now < next_) {
      return false;
    }
    if (!active_) {
      active_ = true;
      began_ = now;
      wait_ = kFirstRetry;
    }
    next_ = now + wait_;
    wait_ = std::min<Duration>(wait_ * 2, kLastRetry);
    return true;
  }
  // The next try is due at once.
  void hurry(Time now) { next_ = now; }
  // It worked, or nobody wants it any more.
  void stop() { active_ = false; }
  [[nodiscard]] bool active() const { return active_; }
  // Since the series began; 0 while there is none. Tells when to give up, or to tell people.
  [[nodiscard]] Duration running(Time now) const { return active_ ? now - began_ : Duration{0}; }

 private:
  bool active_ = false;
  Time began_{};
  Time next_{};
  Duration wait_{};
};

}  // namespace marvel::vpn
