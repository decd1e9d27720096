#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/node_affinity.hpp"
#include "deploy/scheduling/resources.hpp"
#include "deploy/scheduling/taint.hpp"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// A port of the node that a container wants for itself.
struct HostPort {
  std::string address;  // "0.0.0.0" for all
  std::string protocol;
  std::int64_t port = 0;
  auto operator<=>(const HostPort&) const = default;
};

// What scheduling needs to know of a pod.
struct Pod {
  std::string kind = "Pod";  // of the object that the pod comes from
  std::string namespace_name;
  std::string name;
  std::string node_name;  // where it is bound, or empty
  bool finished = false;  // Succeeded or Failed: it holds nothing any more
  Labels node_selector;
  std::optional<NodeSelector> affinity;  // the required part
  std::vector<Toleration> tolerations;
  Resources requests;
  std::vector<HostPort> host_ports;
  // Rules of the scheduler that the pod uses and this code does not judge, in words.
  std::vector<std::string> unjudged;
};

// From a Pod object. kInput when an amount is no quantity.
Result<Pod> pod_from(const nlohmann::json& object);

// The pod that a workload object makes: Pod itself, or the template of a Deployment, StatefulSet,
// DaemonSet, ReplicaSet, ReplicationController, Job or CronJob. Nothing for other kinds.
// The tolerations that every cluster adds to such pods (not-ready and unreachable for 300 s) are
// part of it, and those of the DaemonSet controller for a DaemonSet.
Result<std::optional<Pod>> pod_of_workload(const nlohmann::json& object);

}  // namespace marvel::scheduling
