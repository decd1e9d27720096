#include "vpn/channel/replay_window.hpp"

#include <algorithm>

namespace marvel::vpn {

bool ReplayWindow::accept(std::uint64_t counter) {
  const std::uint64_t word = counter / 64;
  if (counter >= next_) {
    const std::uint64_t newest = next_ == 0 ? 0 : (next_ - 1) / 64;
    const std::uint64_t steps = std::min<std::uint64_t>(word - newest, words_.size());
    for (std::uint64_t step = 1; step <= steps; ++step) {
      words_[(newest + step) % words_.size()] = 0;
    }
    next_ = counter + 1;
  } else if (next_ - 1 - counter > kReach) {
    return false;
  }
  std::uint64_t& bits = words_[word % words_.size()];
  const std::uint64_t bit = std::uint64_t{1} << (counter % 64);
  const bool is_new = (bits & bit) == 0;
  bits |= bit;
  return is_new;
}

}  // namespace marvel::vpn
