#include "federate/transport/upload_pace.hpp"

#include <algorithm>

namespace marvel::federate {

void UploadPace::got_through(Time took) {
  constexpr int kTimes = 4;
  const auto needed = static_cast<std::uint64_t>(std::max(Time(0), kTimes * took) / still_);
  parts_ = std::clamp(needed, kFewest, kMost);
}

void UploadPace::was_cut_off() {
  parts_ = std::min(2 * parts_, kMost);
}

}  // namespace marvel::federate
