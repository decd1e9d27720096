#pragma once

#include "cli/command.hpp"
#include "deploy/taint/check.hpp"
#include "deploy/taint/writer.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Results of `marvel taint` as text and as JSON (docs/formats/taint.md).

struct WriteView {
  taint::DryRun dry_run = taint::DryRun::kNone;
  bool kubectl = false;  // its words and its exit codes
  std::vector<taint::Eviction> evictions;
};

// Failures of single nodes go to `log`. The exit code is 0, 1 when a taint was in the way or
// absent, 3 when a node failed. A single node that failed is that failure.
Result<Answer> written_answer(const std::vector<taint::NodeResult>& results, const WriteView& view,
                              Log& log);
// What differs, one line per taint and label: "- node/x: Layer=A:NoSchedule"; empty for nothing.
std::string diff_text(const std::vector<taint::NodeResult>& plan);
Answer nodes_answer(const std::vector<scheduling::Node>& nodes);
// Shows at most `rows` nodes per pod as text; 0 for all.
Answer checks_answer(const std::vector<taint::PodCheck>& checks, const taint::ClusterState& cluster,
                     std::size_t rows);
// One line per pod that would leave.
std::string evictions_text(const std::vector<taint::Eviction>& evictions);

}  // namespace marvel::cli
