#pragma once

#include "federate/server/coordinator.hpp"

#include <cstdint>

namespace marvel::federate {

// How slow an upload may be while others wait for its place. Nobody knows the links, and what was
// cut off begins from nothing; so the bound follows what is seen. The whole upload has
//   - ten minutes, or four times as long as the last one that got through, so that one that crawls
//     among fast ones does not hold them up;
//   - twice as long after each one that was cut off though it moved, so that uploads of clients
//     that are all on slow links get through; an hour at most.
// Not thread-safe.
//
// An upload is divided into parts() equal ones, and each must come within `still`, as long as
// others wait. With 30 s and 20 parts an update of 100 MB must bring 5 MB each 30 s.
class UploadPace {
 public:
  // `still`: the time in which one part must come.
  explicit UploadPace(Time still) : still_(still) {}

  // Into so many parts an upload is divided.
  [[nodiscard]] std::uint64_t parts() const { return parts_; }
  // An upload is there, `took` after it was admitted: the next ones get four times as long, within
  // the bounds. It also ends what was_cut_off() has doubled.
  void got_through(Time took);
  // An upload that still moved was ended: the next ones get twice as long.
  void was_cut_off();

 private:
  static constexpr std::uint64_t kFewest = 20;  // of 30 s: ten minutes
  static constexpr std::uint64_t kMost = 120;   // an hour

  Time still_;
  std::uint64_t parts_ = kFewest;
};

}  // namespace marvel::federate
