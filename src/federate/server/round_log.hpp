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
class RoundLog {
 public:
  explicit RoundLog(std::filesystem::path path) : path_(std::move(path)) {}

  // Adds a line that is on disk when it returns. kUnavailable when the disk is full; then the file
  // is as it was.
  [[nodiscard]] Status append(const RoundReport& report) const;
  // Rounds up to `last` in ascending order, each once; none without a file. Lines that are no
  // rounds are left out.
  [[nodiscard]] Result<std::vector<RoundReport>> load(std::uint64_t last) const;
  // Adds those of `rounds` that are later than all in the file, which need not exist.
  [[nodiscard]] Status complete(const std::vector<RoundReport>& rounds) const;
  void remove() const;

 private:
  std::filesystem::path path_;
};

}  // namespace marvel::federate
