#include "report/progress_meter.hpp"

#include <algorithm>
#include <cmath>

namespace marvel::report {
namespace {

constexpr double kMemorySeconds = 30;

double seconds_between(ProgressMeter::Time from, ProgressMeter::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

ProgressMeter::ProgressMeter(std::uint64_t done, std::uint64_t total, Time now)
    : done_(std::min(done, total)), total_(total), started_(now), last_(now) {}

void ProgressMeter::sample(std::uint64_t done, Time now) {
  done = std::min(done, total_);
  if (done < done_) {
    *this = ProgressMeter(done, total_, now);
    return;
  }
  const double seconds = seconds_between(last_, now);
  if (seconds <= 0) {
    done_ = done;
    return;
  }
  const double keep = std::exp(-seconds / kMemorySeconds);
  const double rate = static_cast<double>(done - done_) / seconds;
  weighted_rate_ = keep * weighted_rate_ + (1 - keep) * rate;
  weight_ = keep * weight_ + (1 - keep);
  done_ = done;
  last_ = now;
}

double ProgressMeter::share() const {
  return total_ > 0 ? static_cast<double>(done_) / static_cast<double>(total_) : 0;
}

std::optional<double> ProgressMeter::rate() const {
  if (weight_ <= 0 || weighted_rate_ <= 0) {
    return std::nullopt;
  }
  return weighted_rate_ / weight_;
}

std::optional<double> ProgressMeter::seconds_left() const {
  const auto speed = rate();
  if (!speed || seconds_between(started_, last_) < 1 || done_ >= total_) {
    return std::nullopt;
  }
  return static_cast<double>(total_ - done_) / *speed;
}

}  // namespace marvel::report
