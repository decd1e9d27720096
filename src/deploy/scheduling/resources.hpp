#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// Amounts by resource: "cpu" in thousandths of a CPU, everything else in whole units (bytes,
// devices, "pods"). Never negative; sums saturate at 2^63 - 1.
using Resources = std::map<std::string, std::int64_t>;

void add(Resources& sum, const Resources& more);
// The larger of both, resource by resource.
void raise_to(Resources& floor, const Resources& other);

// From a mapping such as `requests` or `allocatable`. kInput names the resource that is no
// quantity.
Result<Resources> resources_from(const nlohmann::json& map);

// What a pod asks of a node (Kubernetes 1.37, component-helpers PodRequests):
//   max(sum of containers and sidecars, each init container and the sidecars before it) + overhead
// A limit stands in for a missing request, as the API server would have filled in. Pod-level
// requests win over the sum where the pod has them.
Result<Resources> pod_requests(const nlohmann::json& pod_spec);

}  // namespace marvel::scheduling
