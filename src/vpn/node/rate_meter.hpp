#pragma once

#include "vpn/constants.hpp"

#include <cmath>
#include <cstdint>

namespace marvel::vpn {

// How fast a count grows, in units per second: an exponentially weighted mean with a time constant
// of 5 s, so that what was a quarter of a minute ago hardly counts. Read at most once per half
// second; costs nothing per packet.
//
//   meter.update(now, counters.bytes_sent);   // at each tick
//   show(meter.per_second());
//
// After a pause of any length one update is enough: the weight follows from the time that passed.
// What was counted before the first update is no burst, it is where counting begins.
class RateMeter {
 public:
  // `count` is the whole so far and never shrinks.
  void update(Time now, std::uint64_t count) {
    if (!started_) {
      started_ = true;
    } else if (now - at_ < kShortest) {
      return;
    } else {
      const double passed = std::chrono::duration<double>(now - at_).count();
      const double speed = static_cast<double>(count - count_) / passed;
      rate_ += (speed - rate_) * (1 - std::exp(-passed / kConstant));
    }
    at_ = now;
    count_ = count;
  }
  // 0 until half a second after the first update.
  [[nodiscard]] double per_second() const { return rate_; }

 private:
  // Shorter spans say more of how packets bunch than of how fast they flow.
  static constexpr Duration kShortest = milliseconds(500);
  static constexpr double kConstant = 5;  // seconds

  bool started_ = false;
  Time at_{};
  std::uint64_t count_ = 0;
  double rate_ = 0;
};

// Both directions of a peer, or of all peers, since the peer was met or the node began.
struct Traffic {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_sent = 0;  // of Ethernet frames
  std::uint64_t bytes_received = 0;
};

// One meter for each field of Traffic: exponentially weighted, read for the status and for metrics.
// The owner calls update() from its timer.
struct TrafficRates {
  RateMeter frames_sent;
  RateMeter frames_received;
  RateMeter bytes_sent;
  RateMeter bytes_received;

  void update(Time now, const Traffic& traffic) {
    frames_sent.update(now, traffic.frames_sent);
    frames_received.update(now, traffic.frames_received);
    bytes_sent.update(now, traffic.bytes_sent);
    bytes_received.update(now, traffic.bytes_received);
  }
};

}  // namespace marvel::vpn
