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

// What `marvel taint apply` works on: parse_desired, then apply_desired; way_back and file_text
// make the way back in the same format.
//
// The taints (and labels) that nodes shall have, from a file:
//
//   keys: [Layer]                                # the file decides about these keys only
//   nodes:
//     grnedge1: {taints: ["Layer=GRNEDGE1:NoSchedule"], labels: {Layer: GRNEDGE1}}
//     grnfog1: {taints: []}                      # none of these keys
//     grnfog2: {keys: [fire], taints: []}        # here about other keys
//   selectors:
//     tier=cloud: {labels: {Layer: null}}        # null: no such label
//
// Without `keys`: every key that stands in the file's taints. Taints of other keys are nobody's
// business here and stay. An entry may have `keys` of its own, which count for it in place of the
// file's. One without `taints` leaves the node's taints alone. Other values of the keys are
// replaced without asking, as the file is the whole truth about them.
struct DesiredNode {
  std::optional<std::vector<std::string>> keys;  // only with taints
  std::optional<std::vector<Taint>> taints;
  std::map<std::string, std::optional<std::string>> labels;
};

// `keys` holds every key that the taints of entries without own keys have. Whether names and
// selectors meet is known only with a cluster, see apply_desired.
struct Desired {
  std::vector<std::string> keys;
  std::map<std::string, DesiredNode> nodes;      // by name
  std::map<std::string, DesiredNode> selectors;  // by label selector
};

// kInput with "file:line:column" for what is not as above: unknown keys, no node at all, a taint
// twice at one node, a taint whose key `keys` leaves out, an entry with `keys` and no `taints`, a
// label that is a list or a mapping, and no or several documents. The reason is "manifest_invalid"
// but for broken YAML.
Result<Desired> parse_desired(std::string_view text, const std::string& file);

// What makes `node` as desired; Outcome::kUnchanged when it is. Pure, and never a refusal. Taints
// of the keys that `desired` does not list go, but only if it lists taints at all; `keys` are those
// of the file, for a `desired` without own ones. Labels alone that change are Outcome::kModified.
Edit edit_to(const scheduling::Node& node, const DesiredNode& desired,
             const std::vector<std::string>& keys);

// What takes the nodes of `results` back to what they were. Only nodes of which a write was tried
// (or, of a dry run, would be) are in it, failed ones too, as they may have been changed. The keys
// of each are those that its edit touched, without Kubernetes' own (node.kubernetes.io/... but
// out-of-service, which people set): they come and go by themselves. When a taint was set is not
// brought back.
Desired way_back(const std::vector<NodeResult>& results);

// The way back from two runs, one after the other: what `first` says of a node's key or label is
// how it was before both of them, and what only `second` says was not touched before. Every entry
// of the result that lists taints has keys of its own.
Desired joined(Desired first, const Desired& second);

// A file of named nodes, as parse_desired reads it. Without a node it would be none.
std::string file_text(const Desired& way_back);

// Applies a file. Selectors are listed first, one request or more for each. A node that is named
// and selected, or selected twice, is an error (kInput), and then nothing has been written. From
// there on as write_nodes: failures stand in the results. A selector without nodes is no failure.
// Order: by name.
Result<std::vector<NodeResult>> apply_desired(const std::shared_ptr<kube::Connection>& connection,
                                              const Desired& desired, DryRun dry_run);

}  // namespace marvel::taint
