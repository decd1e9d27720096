#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/scheduling/verdict.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace marvel::taint {

// What taints do to pods: which nodes would take one (check), and who would have to leave for
// new taints (evictions). The readers talk to the cluster and block; check, evictions and
// pods_of_file are pure.
//
//   pods_of_file or pod_of_cluster    what is asked about
//   read_cluster                      once, for any number of pods
//   check                             for each pod

// Which nodes would take a pod now, and why not the others.
struct PodCheck {
  scheduling::Pod pod;
  std::vector<std::string> fits;              // nodes, by name
  std::vector<scheduling::Verdict> verdicts;  // one per node, in the order of ClusterState::nodes
  std::string message;                        // the scheduler's, when no node fits; else empty
};

// The nodes and what runs on them. Nodes and pods are listed one after the other, so what changes
// in between may be in one of them only.
struct ClusterState {
  std::vector<scheduling::Node> nodes;
  // By node name, without the pods in `asked`; nodes without pods are not in it.
  std::map<std::string, scheduling::NodeUse> use;
  // Bound pods that are asked about themselves: in the way of each other, but not in their own.
  std::vector<scheduling::Pod> asked;
  int minor_version = 0;  // of the server: 37 for 1.37
};

// Reads nodes, pods and the version. `asked` names ("namespace/name") the pods of the cluster that
// will be checked. Holds those, a summary of each node, and while it reads one of every bound pod.
Result<ClusterState> read_cluster(kube::Client& client, const std::set<std::string>& asked = {});

// The pods of a YAML or JSON file: of Pods and of every workload. kInput, with the position
// where there is one, when the file cannot be used or holds no pod (reason "manifest_invalid"). One
// pod for each workload, whatever its replicas.
Result<std::vector<scheduling::Pod>> pods_of_file(std::string_view text, const std::string& file);
// A pod of the cluster, as [namespace/]name, as if it were not bound yet: its node_name is empty.
// `namespace_name` is for a name without one. kNotFound when there is none.
Result<scheduling::Pod> pod_of_cluster(kube::Client& client, const std::string& namespace_name,
                                       const std::string& name);

// Pods are judged one by one, against what runs, but for a Pod of the same namespace and name: two
// that are checked do not take each other's room, but where they run already.
PodCheck check(const scheduling::Pod& pod, const ClusterState& cluster);

// A pod that leaves a node when NoExecute taints come to it.
struct Eviction {
  std::string node;
  std::string pod;    // namespace/name
  std::string taint;  // the one that strikes first, "fire:NoExecute"
  std::int64_t after_seconds = 0;
};

// Who leaves `node` when its taints, `before`, become `after`. Only NoExecute taints that are new
// or have a new value count. `pods` may be those of the whole cluster; finished ones are left out,
// and so are pods that tolerate for ever. One for each pod: the soonest, when several taints
// strike.
std::vector<Eviction> evictions(const std::vector<scheduling::Pod>& pods, const std::string& node,
                                const std::vector<scheduling::Taint>& before,
                                const std::vector<scheduling::Taint>& after);

// All pods that are bound, finished ones too, or those on one node when `node` is not empty: then
// the server picks them out, so a cluster's other pods are not sent.
Result<std::vector<scheduling::Pod>> list_bound_pods(kube::Client& client, const std::string& node);

}  // namespace marvel::taint
