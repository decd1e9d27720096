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

// A port of the node that a container or a sidecar wants for itself: a hostPort, or with
// hostNetwork any port of the container. The protocol is TCP where the object does not say.
struct HostPort {
  std::string address;  // "0.0.0.0" for all
  std::string protocol;
  std::int64_t port = 0;
  auto operator<=>(const HostPort&) const = default;
};

// What scheduling needs to know of a pod: one that runs (pod_from), or one that a manifest would
// make (pod_of_workload). judge() asks whether a node takes it, use_of_nodes() what it takes there.
// Nothing in it points into the object that it was read from.
struct Pod {
  std::string kind = "Pod";  // of the object that the pod comes from
  std::string namespace_name;
  std::string name;
  std::string node_name;  // where it is bound or must run, or empty
  bool finished = false;  // Succeeded or Failed: it holds nothing any more
  Labels node_selector;
  std::optional<NodeSelector> affinity;  // the required part
  std::vector<Toleration> tolerations;
  Resources requests;
  std::vector<HostPort> host_ports;
  // Its own required anti-affinity: where it runs, the scheduler refuses pods that it names.
  bool keeps_others_away = false;
  // What the scheduler goes by and this code does not judge, in words, each once: affinity between
  // pods, topology spread, persistent volumes, resource claims, scheduling gates; and what the
  // cluster adds to pods of a file, by a runtime class or a LimitRange. Whoever shows a verdict
  // shows them.
  std::vector<std::string> unjudged;
};

// Adds `rule` to `pod.unjudged`, unless it is there.
void note_unjudged(Pod& pod, const std::string& rule);

// From a Pod object, as a server gives it: the tolerations that a server adds are expected to be in
// it. kInput when an amount is no quantity; the context names the pod. Nothing else fails: what is
// absent or of another type reads as empty.
Result<Pod> pod_from(const nlohmann::json& object);

// The pod that a workload object makes: Pod itself, or the template of a Deployment, StatefulSet,
// DaemonSet, ReplicaSet, ReplicationController, Job or CronJob. Nothing for other kinds.
// The tolerations that every cluster adds to such pods (not-ready and unreachable for 300 s) are
// part of it, and those of the DaemonSet controller for a DaemonSet. Its name is the
// workload's; replicas are not counted. What else the cluster may add is Pod::unjudged. Fails as
// pod_from does.
Result<std::optional<Pod>> pod_of_workload(const nlohmann::json& object);

}  // namespace marvel::scheduling
