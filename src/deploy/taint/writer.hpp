#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/scheduling/node.hpp"
#include "deploy/taint/edit.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace marvel::taint {

enum class DryRun { kNone, kClient, kServer };

// Which nodes: by name, by label selector, or all.
struct Selection {
  std::vector<std::string> names;
  std::string selector;
  bool all = false;
};

// What became of one node.
struct NodeResult {
  std::string node;
  Edit edit;
  scheduling::Node before;     // as the edit was computed from
  std::optional<Error> error;  // nothing was written
  int tries = 0;               // guarded writes that were sent
};

// Says what a node shall become; called again with the node as it is after each lost race.
using MakeEdit = std::function<Edit(const scheduling::Node&)>;

// All nodes, in the order of the server (by name). `selector` may be empty.
Result<std::vector<scheduling::Node>> list_nodes(kube::Client& client, const std::string& selector);
Result<scheduling::Node> get_node(kube::Client& client, const std::string& name);

// Makes the change on one node. Every write carries the resourceVersion of the node it was computed
// from, so the server refuses it (409) when anybody wrote in between; then the node is read again
// and the change computed again, at most 20 times with growing, jittered pauses. `node` is the
// node as it is known, or only its name when `fresh` is false: then it is read first.
NodeResult write_node(kube::Client& client, scheduling::Node node, bool fresh,
                      const MakeEdit& make_edit, DryRun dry_run);

// The same for all nodes of a selection, by 8 connections at once. Results are in the order of the
// names given, or by name. A failure of one node stands in its result and stops no other.
Result<std::vector<NodeResult>> write_nodes(const std::shared_ptr<kube::Connection>& connection,
                                            const Selection& selection, const MakeEdit& make_edit,
                                            DryRun dry_run);

}  // namespace marvel::taint
