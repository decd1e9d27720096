#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/scheduling/verdict.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace marvel::taint {

// Which nodes would take a pod now, and why not the others.
struct PodCheck {
  scheduling::Pod pod;
  std::vector<std::string> fits;              // nodes, by name
  std::vector<scheduling::Verdict> verdicts;  // one per node, in the order of ClusterState::nodes
  std::string message;                        // the scheduler's, when no node fits
};

// The nodes and what runs on them, as of one moment.
struct ClusterState {
  std::vector<scheduling::Node> nodes;
  std::map<std::string, scheduling::NodeUse> use;
  int minor_version = 0;  // of the server: 37 for 1.37
};

// Reads nodes, pods and the version. The pod named `without` ("namespace/name") takes no room, so
// that a running pod is not in its own way; empty for none.
Result<ClusterState> read_cluster(kube::Client& client, const std::string& without = {});

// The pods of a YAML or JSON file: of Pods and of every workload. kInput with the position when the
// file cannot be used or holds no pod.
Result<std::vector<scheduling::Pod>> pods_of_file(std::string_view text, const std::string& file);
// A pod of the cluster, as [namespace/]name, as if it were not bound yet.
Result<scheduling::Pod> pod_of_cluster(kube::Client& client, const std::string& namespace_name,
                                       const std::string& name);

PodCheck check(const scheduling::Pod& pod, const ClusterState& cluster);

// Pods that leave when `taints` come to `nodes`, which now have others.
struct Eviction {
  std::string node;
  std::string pod;  // namespace/name
  std::string taint;
  std::int64_t after_seconds = 0;
};

// `pods` are those of the whole cluster. Pods that tolerate for ever are not in it.
std::vector<Eviction> evictions(const std::vector<scheduling::Pod>& pods, const std::string& node,
                                const std::vector<scheduling::Taint>& before,
                                const std::vector<scheduling::Taint>& after);

// All pods that are bound, or those on one node when `node` is not empty.
Result<std::vector<scheduling::Pod>> list_bound_pods(kube::Client& client, const std::string& node);

}  // namespace marvel::taint
