#pragma once

#include "deploy/scheduling/node.hpp"
#include "deploy/scheduling/pod.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace marvel::scheduling {

// Which nodes would take a pod, by the filters of kube-scheduler that need only nodes and pods:
// NodeUnschedulable, NodeName, TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit, in its
// order; the first that refuses a node speaks for it. Before them all, nodes that a pod's affinity
// leaves out by name are out, as the scheduler never looks at them. What else a pod uses stands in
// Pod::unjudged.
//
//   auto use = use_of_nodes(pods);                      // once, from all pods of the cluster
//   for each node: judge(pod, node, use[node.name], Wording(minor))
//   summary(verdicts)                                   // when no verdict fits()
//
// All of this is pure: no cluster is asked, any thread may call it, and tests hold it against the
// real scheduler on random pods and nodes, word for word (docs/design/006-cluster.md).

// What is taken on a node by the pods that run there: sums of what they ask for, whatever they
// really use, since the scheduler counts so. An empty one is a node without pods.
struct NodeUse {
  Resources requested;
  std::int64_t pods = 0;
  std::set<HostPort> host_ports;
  bool keeps_others_away = false;  // one of the pods does, see Pod; judge() does not look at it
};

// Counts `pod` as one that runs on the node, whatever its node_name and `finished` say.
void occupy(NodeUse& use, const Pod& pod);

// By node name, from all pods of the cluster. Finished and unbound pods count nothing. A node
// without pods has no entry.
std::map<std::string, NodeUse> use_of_nodes(const std::vector<Pod>& pods);

// How the scheduler of a version words its reasons, so that what is foretold can be compared with
// the pod's events. Versions are minor numbers: 20 for 1.20. Only the words change with it, never
// the judgement.
class Wording {
 public:
  explicit Wording(int minor_version) : minor_(minor_version) {}
  [[nodiscard]] std::string untolerated(const Taint& taint) const;
  [[nodiscard]] std::string affinity() const;
  // Nodes that the pod's own node names leave out.
  [[nodiscard]] std::string not_named() const;

 private:
  int minor_;
};

struct Verdict {
  // Empty: the node takes the pod. Else the words that the scheduler counts in its message: one, or
  // several when more than one resource is short.
  std::vector<std::string> reasons;
  std::string detail;  // the same with names and numbers of this node, for people

  [[nodiscard]] bool fits() const { return reasons.empty(); }
};

// Whether `node`, with `use` on it, takes `pod`. `use` must not count the pod itself. A bound pod
// fits its own node only: clear `node_name` to ask where it could run otherwise. Nodes that are not
// ready are known by their taints.
Verdict judge(const Pod& pod, const Node& node, const NodeUse& use, const Wording& wording);

// "0/3 nodes are available: 1 node(s) ..., 2 node(s) ....", the scheduler's message for a pod that
// no node takes, without its closing sentence about preemption. The parts are in alphabetical
// order, numbers included, as the scheduler sorts them. Verdicts that fit count in the total only.
std::string summary(const std::vector<Verdict>& verdicts);

}  // namespace marvel::scheduling
