#pragma once

#include "base/result.hpp"
#include "federate/server/round_report.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace marvel::federate {

// Finished rounds, one line of JSON each: rounds.jsonl of a checkpoint, and --metrics-out. A crash
// may leave a half line at the end; reading and completing pass over it.
//
// The file is opened for each call and closed after it, so nothing is held between two. One process
// writes to it; the folder's lock of a checkpoint sees to that. The lines are round_json()'s
// (docs/formats/fedl.md).
class RoundLog {
 public:
  explicit RoundLog(std::filesystem::path path) : path_(std::move(path)) {}

  // Adds a line that is on disk when it returns. kUnavailable when the disk is full; then the file
  // is as it was. Costs a sync of the disk. It does not look at what is there: after a crash
  // complete() comes first.
  [[nodiscard]] Status append(const RoundReport& report) const;
  // Rounds up to `last` in ascending order, each once; none without a file. Lines that are no
  // rounds are left out. Of a round that stands there twice the last line counts. kInput when the
  // file cannot be read. Beside the rounds it holds one line at a time.
  [[nodiscard]] Result<std::vector<RoundReport>> load(std::uint64_t last) const;
  // Adds those of `rounds` that are later than all in the file, which need not exist. Before that
  // it takes away a half line at the end of the file. A pipe or a terminal gets nothing: what it
  // was told cannot be known. kInput when the file cannot be read, kUnavailable as in append().
  [[nodiscard]] Status complete(const std::vector<RoundReport>& rounds) const;
  // For a run that begins anew in the same folder. What cannot be removed stays.
  void remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace marvel::federate
