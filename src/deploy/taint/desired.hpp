#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/node.hpp"
#include "deploy/taint/edit.hpp"
#include "deploy/taint/writer.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::taint {

// The taints (and labels) that nodes shall have, from a file:
//
//   keys: [Layer]                                # the file decides about these keys only
//   nodes:
//     grnedge1: {taints: ["Layer=GRNEDGE1:NoSchedule"], labels: {Layer: GRNEDGE1}}
//     grnfog1: {taints: []}                      # none of these keys
//   selectors:
//     tier=cloud: {labels: {Layer: null}}        # null: no such label
//
// Without `keys`: every key that stands in the file's taints. Taints of other keys are nobody's
// business here and stay. An entry without `taints` leaves the node's taints alone.
struct DesiredNode {
  std::optional<std::vector<Taint>> taints;
  std::map<std::string, std::optional<std::string>> labels;
};

struct Desired {
  std::vector<std::string> keys;
  std::map<std::string, DesiredNode> nodes;      // by name
  std::map<std::string, DesiredNode> selectors;  // by label selector
};

// kInput with "file:line:column" for what is not as above.
Result<Desired> parse_desired(std::string_view text, const std::string& file);

// What makes `node` as desired; Outcome::kUnchanged when it is.
Edit edit_to(const scheduling::Node& node, const DesiredNode& desired,
             const std::vector<std::string>& keys);

// The file that takes the nodes of `results` back to what they were: YAML. Only nodes that were
// written are in it; empty when none was.
std::string undo_file(const std::vector<NodeResult>& results);

// Applies a file. A node that is named and selected, or selected twice, is an error (kInput).
// Order: by name.
Result<std::vector<NodeResult>> apply_desired(const std::shared_ptr<kube::Connection>& connection,
                                              const Desired& desired, DryRun dry_run);

}  // namespace marvel::taint
