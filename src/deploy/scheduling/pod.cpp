#include "deploy/scheduling/pod.hpp"

#include "deploy/kube/fields.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

void read_container_ports(const json& container, bool host_network, Pod& pod) {
  for (const auto& port : field(container, {"ports"})) {
    const auto number =
        kube::whole(port, {"hostPort"}, host_network ? kube::whole(port, {"containerPort"}) : 0);
    if (number > 0) {
      const std::string address = text(port, {"hostIP"});
      const std::string protocol = text(port, {"protocol"});
      pod.host_ports.push_back(
          {address.empty() ? "0.0.0.0" : address, protocol.empty() ? "TCP" : protocol, number});
    }
  }
}

// Those of sidecars, too, which schedulers count since 1.34 (the last ones of 1.33 as well): before
// that, two such pods came to one node and one of them never ran.
void read_ports(const json& pod_spec, Pod& pod) {
  const bool host_network = kube::flag(pod_spec, {"hostNetwork"});
  for (const auto& container : field(pod_spec, {"containers"})) {
    read_container_ports(container, host_network, pod);
  }
  for (const auto& container : field(pod_spec, {"initContainers"})) {
    if (is_sidecar(container)) {
      read_container_ports(container, host_network, pod);
    }
  }
}

void note_rules(const json& pod_spec, Pod& pod) {
  if (field(pod_spec, {"affinity", "podAffinity"}).is_object() ||
      field(pod_spec, {"affinity", "podAntiAffinity"}).is_object()) {
    note_unjudged(pod, "affinity between pods");
  }
  if (!field(pod_spec, {"topologySpreadConstraints"}).empty()) {
    note_unjudged(pod, "topology spread");
  }
  for (const auto& volume : field(pod_spec, {"volumes"})) {
    if (field(volume, {"persistentVolumeClaim"}).is_object() ||
        field(volume, {"ephemeral"}).is_object()) {
      note_unjudged(pod, "persistent volumes");
    }
  }
  if (!field(pod_spec, {"resourceClaims"}).empty()) {
    note_unjudged(pod, "resource claims");
  }
  if (!field(pod_spec, {"schedulingGates"}).empty()) {
    note_unjudged(pod, "scheduling gates");
  }
}

bool asks_for(const json& object, const char* resource) {
  return !field(object, {"resources", "requests", resource}).is_null() ||
         !field(object, {"resources", "limits", resource}).is_null();
}

// Whether a LimitRange of the namespace, if there is one, would fill something in.
bool leaves_requests_open(const json& pod_spec) {
  for (const char* const resource : {"cpu", "memory"}) {
    for (const char* const list : {"containers", "initContainers"}) {
      for (const auto& container : field(pod_spec, {list})) {
        if (!asks_for(container, resource) && !asks_for(pod_spec, resource)) {
          return true;
        }
      }
    }
  }
  return false;
}

// What pods of the cluster have and those of a file get only there.
void note_additions(const json& object, const json& pod_spec, Pod& pod) {
  if (pod.kind == "StatefulSet" && !field(object, {"spec", "volumeClaimTemplates"}).empty()) {
    note_unjudged(pod, "persistent volumes");
  }
  if (!text(pod_spec, {"runtimeClassName"}).empty()) {
    note_unjudged(pod, "nodes and overhead of the runtime class");
  }
  if (leaves_requests_open(pod_spec)) {
    note_unjudged(pod, "default requests of a LimitRange");
  }
}

Status read_spec(const json& pod_spec, Pod& pod) {
  pod.node_name = text(pod_spec, {"nodeName"});
  pod.node_selector = kube::text_map(pod_spec, {"nodeSelector"});
  pod.affinity = node_selector_from(field(
      pod_spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"}));
  pod.tolerations = tolerations_from(field(pod_spec, {"tolerations"}));
  read_ports(pod_spec, pod);
  pod.keeps_others_away = !field(pod_spec, {"affinity", "podAntiAffinity",
                                            "requiredDuringSchedulingIgnoredDuringExecution"})
                               .empty();
  note_rules(pod_spec, pod);
  auto requests = pod_requests(pod_spec);
  if (!requests) {
    requests.error().context.push_back(pod.kind + " " + pod.name);
    return fail(std::move(requests).error());
  }
  pod.requests = std::move(*requests);
  return {};
}

void read_name(const json& object, Pod& pod) {
  pod.namespace_name = text(object, {"metadata", "namespace"});
  pod.name = text(object, {"metadata", "name"});
  if (pod.name.empty()) {
    pod.name = text(object, {"metadata", "generateName"});
  }
}

// The API server's DefaultTolerationSeconds.
void add_default_tolerations(Pod& pod) {
  for (const char* state : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    const Taint taint{state, "", "NoExecute", ""};
    if (!tolerated(pod.tolerations, taint)) {
      pod.tolerations.push_back({state, "Exists", "", "NoExecute", 300});
    }
  }
}

// The DaemonSet controller's own additions.
void add_daemon_tolerations(const json& pod_spec, Pod& pod) {
  for (const char* state : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    pod.tolerations.push_back({state, "Exists", "", "NoExecute", std::nullopt});
  }
  for (const char* state :
       {"node.kubernetes.io/disk-pressure", "node.kubernetes.io/memory-pressure",
        "node.kubernetes.io/pid-pressure", "node.kubernetes.io/unschedulable"}) {
    pod.tolerations.push_back({state, "Exists", "", "NoSchedule", std::nullopt});
  }
  if (kube::flag(pod_spec, {"hostNetwork"})) {
    pod.tolerations.push_back(
        {"node.kubernetes.io/network-unavailable", "Exists", "", "NoSchedule", std::nullopt});
  }
}

const json* template_spec(const json& object, const std::string& kind) {
  constexpr std::array kWithTemplate{"Deployment", "StatefulSet",           "DaemonSet",
                                     "ReplicaSet", "ReplicationController", "Job"};
  const json* spec = nullptr;
  if (kind == "Pod") {
    spec = &field(object, {"spec"});
  } else if (kind == "CronJob") {
    spec = &field(object, {"spec", "jobTemplate", "spec", "template", "spec"});
  } else if (std::find(kWithTemplate.begin(), kWithTemplate.end(), kind) != kWithTemplate.end()) {
    spec = &field(object, {"spec", "template", "spec"});
  }
  return spec;
}

}  // namespace

void note_unjudged(Pod& pod, const std::string& rule) {
  if (std::find(pod.unjudged.begin(), pod.unjudged.end(), rule) == pod.unjudged.end()) {
    pod.unjudged.push_back(rule);
  }
}

Result<Pod> pod_from(const json& object) {
  Pod pod;
  read_name(object, pod);
  const std::string phase = text(object, {"status", "phase"});
  pod.finished = phase == "Succeeded" || phase == "Failed";
  MARVEL_TRY_STATUS(read_spec(field(object, {"spec"}), pod));
  return pod;
}

Result<std::optional<Pod>> pod_of_workload(const json& object) {
  const std::string kind = text(object, {"kind"});
  const json* spec = template_spec(object, kind);
  if (spec == nullptr) {
    return std::optional<Pod>();
  }
  Pod pod;
  pod.kind = kind;
  read_name(object, pod);
  MARVEL_TRY_STATUS(read_spec(*spec, pod));
  note_additions(object, *spec, pod);
  if (kind == "DaemonSet") {
    add_daemon_tolerations(*spec, pod);
  }
  add_default_tolerations(pod);
  return std::optional<Pod>(std::move(pod));
}

}  // namespace marvel::scheduling
