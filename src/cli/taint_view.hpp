#pragma once

#include "cli/command.hpp"
#include "deploy/taint/check.hpp"
#include "deploy/taint/writer.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Results of `marvel taint` as text and as JSON (docs/formats/cluster-json.md, schema
// "marvel.taint/1").
//
// How results are told.
struct WriteView {
  taint::DryRun dry_run = taint::DryRun::kNone;
  bool kubectl = false;  // its words and its exit codes
  // Pods that leave because of it; told in JSON here, and as text by evictions_text.
  std::vector<taint::Eviction> evictions;
};

// Failures of single nodes go to `log`. The exit code is 0, 1 when a taint was in the way or
// absent, 3 when a node failed. A single node that failed is that failure. With `kubectl` 1 is the
// worst code, and a single node that failed is told as one of many. With results of several nodes
// it is never a failure itself.
Result<Answer> written_answer(const std::vector<taint::NodeResult>& results, const WriteView& view,
                              Log& log);
// What differs, one line per taint and label: "- node/x: Layer=A:NoSchedule"; empty for nothing.
// "-" what goes, "+" what comes; nodes that stay as they are and nodes that failed have no line.
std::string diff_text(const std::vector<taint::NodeResult>& plan);
// A row per node with its state and taints; empty text when there are none.
Answer nodes_answer(const std::vector<scheduling::Node>& nodes);
// The verdicts on many pods, one pod at a time: those of 100 pods on 5,000 nodes need not be in
// memory at once. Makes either text, of at most `rows` nodes per pod (0: all), or JSON, never both,
// because each is large.
//   ChecksView view(cluster, 20, as_text);
//   for (const auto& pod : pods) view.add(taint::check(pod, cluster));
//   return view.answer();
// `cluster` must outlive it, and be the one that the checks were made with.
class ChecksView {
 public:
  ChecksView(const taint::ClusterState& cluster, std::size_t rows, bool as_text)
      : cluster_(cluster), rows_(rows), as_text_(as_text) {}
  // `check` may go after the call.
  void add(const taint::PodCheck& check);
  // Exit code 1 when a pod fits nowhere. More pods may be added after it.
  [[nodiscard]] Answer answer() const;

 private:
  const taint::ClusterState& cluster_;
  std::size_t rows_;
  bool as_text_;
  std::string made_;  // the text, or the items of the JSON list
  bool all_fit_ = true;
};
// One line per pod that would leave.
std::string evictions_text(const std::vector<taint::Eviction>& evictions);

}  // namespace marvel::cli
