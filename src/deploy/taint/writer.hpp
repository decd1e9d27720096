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

// Reading and writing nodes in the cluster. Every function here talks to the API server and blocks
// until it has answered; the connection's stop flag and timeout end it (kube/client.hpp).

// kClient: nodes are read and edits worked out, and nothing is sent. kServer: writes are sent with
// dryRun=All, so the server checks them and stores nothing.
enum class DryRun { kNone, kClient, kServer };

// Which nodes: by name, by label selector, or all. write_nodes takes `names` where there are any,
// else `selector`, and an empty selector is all nodes. It does not look at `all`, which is for the
// caller to tell "all" from "forgot to say which" and to refuse more than one of the three.
struct Selection {
  std::vector<std::string> names;
  std::string selector;
  bool all = false;
};

// What became of one node. Without `error` and with edit.writes() the node is as the edit has it,
// unless this was a dry run. After an error of the connection, as a timeout, or one of the server's
// own (5xx) the change may still have been made.
struct NodeResult {
  std::string node;
  Edit edit;
  scheduling::Node before;     // as the edit was computed from
  std::optional<Error> error;  // the write was refused or failed, or the node was not read
  int tries = 0;               // guarded writes that were sent
};

// Says what a node shall become; called again with the node as it is after each lost race. Its
// name is always the one that was asked for.
// write_nodes calls it from several threads at once, so it must not change anything they share, and
// not throw.
using MakeEdit = std::function<Edit(const scheduling::Node&)>;

// All nodes, in the order of the server (by name). `selector` may be empty: all of them. They come
// in pages (kube/paging.hpp), so memory never holds all API objects at once. kInput when one of
// them cannot be read as a node (node_from).
Result<std::vector<scheduling::Node>> list_nodes(kube::Client& client, const std::string& selector);
// One by its name, as it is now; kNotFound when there is none, kUnavailable when the server answers
// with a node of another name.
Result<scheduling::Node> get_node(kube::Client& client, const std::string& name);

// Makes the change on one node. Every write carries the resourceVersion of the node it was computed
// from, so the server refuses it (409) when anybody wrote in between; then the node is read again
// and the change computed again (unless an earlier try was answered by a 5xx and what it was to
// change is as it wanted: that counts as our write), at most 20 writes with growing, jittered
// pauses (5 ms, doubled up to 320 ms, each between half and whole). What is no lost race is told at
// once. `node` is the node as it is known, or only its name when `fresh` is false: then it is read
// first.
NodeResult write_node(kube::Client& client, scheduling::Node node, bool fresh,
                      const MakeEdit& make_edit, DryRun dry_run);

// The same for all nodes of a selection, by 8 connections at once. Results are in the order of the
// names given, or by name. A failure of one node stands in its result and stops no other; the whole
// fails only when nodes are to be listed and cannot be.
Result<std::vector<NodeResult>> write_nodes(const std::shared_ptr<kube::Connection>& connection,
                                            const Selection& selection, const MakeEdit& make_edit,
                                            DryRun dry_run);

}  // namespace marvel::taint
