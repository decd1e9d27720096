#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// Amounts by resource: "cpu" in thousandths of a CPU, everything else in whole units (bytes,
// devices, "pods"). Never negative; sums saturate at 2^63 - 1. For judge() a resource that is
// absent and one of 0 are the same.
//   {{"cpu", 500}, {"memory", 67108864}, {"pods", 110}}      // 500m, 64Mi, 110
using Resources = std::map<std::string, std::int64_t>;

void add(Resources& sum, const Resources& more);
// The larger of both, resource by resource.
void raise_to(Resources& floor, const Resources& other);

// From a mapping such as `requests` or `allocatable`; numbers without quotes are amounts, too.
// Empty for anything but a mapping. kInput when an amount is no quantity, with the resource in the
// error's context.
Result<Resources> resources_from(const nlohmann::json& map);

// Whether an init container goes on running beside the pod's containers.
bool is_sidecar(const nlohmann::json& init_container);

// What a pod asks of a node (Kubernetes 1.37, component-helpers PodRequests):
//   max(sum of containers and sidecars, each init container and the sidecars before it) + overhead
// A limit stands in for a missing request, as the API server would have filled in. Pod-level
// requests win over the sum where the pod has them; only cpu, memory and hugepages can be asked for
// so. Sidecars are init containers with `restartPolicy: Always`: they go on running, so they count
// beside the containers and beside every init container after them. `pod_spec` is the `spec` of a
// Pod or of a workload's template. kInput as above.
Result<Resources> pod_requests(const nlohmann::json& pod_spec);

}  // namespace marvel::scheduling
