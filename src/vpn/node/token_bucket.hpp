#pragma once

#include "vpn/constants.hpp"

#include <algorithm>

namespace marvel::vpn {

// At most `rate` units a second in the long run, and `burst` at once. Full at first.
//
//   TokenBucket bucket(20, 100);
//   if (!bucket.take(now)) { return counters.drop(Drop::kLimited); }
//
// Units are what the caller takes them for: messages, frames, bytes. Nothing runs between the
// calls: what has flowed in since the last one is worked out then, so a bucket that is not asked
// costs nothing. An amount above `burst` never passes. One thread.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  // Whether `amount` may pass now; if so it is used up, else nothing is. `now` never goes
  // backwards.
  bool take(Time now, double amount = 1) {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min(burst_, tokens_ + rate_ * passed.count());
    filled_ = now;
    if (tokens_ < amount) {
      return false;
    }
    tokens_ -= amount;
    return true;
  }

 private:
  double rate_;
  double burst_;
  double tokens_;
  Time filled_{};
};

}  // namespace marvel::vpn
