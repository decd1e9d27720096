#pragma once

#include <bitset>
#include <cstddef>
#include <optional>

namespace marvel::vpn {

// Which of the last 100 probes of a path were answered. An answer that came too late counts as
// lost. A loss of either direction is seen, so the share is that of the round trip.
//
// With one probe each 0.4 s these are the last 40 s of a direct path in use. The window is a bit
// for each probe and never allocates.
class LossWindow {
 public:
  // A probe counts when it is decided, so a lost one comes in later than those that were answered.
  void add(bool answered) {
    lost_[next_] = !answered;
    next_ = (next_ + 1) % kProbes;
    count_ = count_ < kProbes ? count_ + 1 : kProbes;
  }
  // From 0 to 1; nothing before the first probe.
  [[nodiscard]] std::optional<double> share() const {
    if (count_ == 0) {
      return std::nullopt;
    }
    return static_cast<double>(lost_.count()) / static_cast<double>(count_);
  }
  // The path is another one now.
  void clear() { *this = {}; }

 private:
  static constexpr std::size_t kProbes = 100;

  std::bitset<kProbes> lost_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace marvel::vpn
