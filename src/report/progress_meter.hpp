#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace marvel::report {

// How fast a piece of work goes and when it will be done.
//
// The rate is an average over the last half minute or so, because work changes its pace: a network
// that shrinks trains faster, and an average over the whole run would promise too long an end.
// Time is passed in. One thread at a time; no allocation.
class ProgressMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ProgressMeter() = default;
  // `done` of `total` units are finished at `now`: a resumed run does not begin at 0, and what was
  // done before does not count as speed.
  ProgressMeter(std::uint64_t done, std::uint64_t total, Time now);

  // Later figures; `done` beyond total counts as total, and going back starts anew.
  void sample(std::uint64_t done, Time now);

  [[nodiscard]] double share() const;                        // [0, 1]; 0 when nothing is to do
  [[nodiscard]] std::optional<double> rate() const;          // units per second, once known
  [[nodiscard]] std::optional<double> seconds_left() const;  // nothing before a second has passed

 private:
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  Time started_{};
  Time last_{};
  double weighted_rate_ = 0;  // the sum of rates, each weighted by its age
  double weight_ = 0;         // and the sum of those weights, 0 before the first sample
};

}  // namespace marvel::report
