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
// order; the first that refuses a node speaks for it. What else a pod uses stands in Pod::unjudged.

// What is taken on a node by the pods that run there.
struct NodeUse {
  Resources requested;
  std::int64_t pods = 0;
  std::set<HostPort> host_ports;
};

// By node name, from all pods of the cluster. Finished and unbound pods count nothing.
std::map<std::string, NodeUse> use_of_nodes(const std::vector<Pod>& pods);

// How the scheduler of a version words its reasons. Versions are minor numbers: 20 for 1.20.
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
  // Empty: the node takes the pod. Else the words that the scheduler counts in its message.
  std::vector<std::string> reasons;
  std::string detail;  // the same with names and numbers of this node, for people

  [[nodiscard]] bool fits() const { return reasons.empty(); }
};

Verdict judge(const Pod& pod, const Node& node, const NodeUse& use, const Wording& wording);

// "0/3 nodes are available: 1 node(s) ..., 2 node(s) ....", the scheduler's message for a pod that
// no node takes, without its closing sentence about preemption.
std::string summary(const std::vector<Verdict>& verdicts);

}  // namespace marvel::scheduling
