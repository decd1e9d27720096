#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Pods of a service: members of kind Pod, and what its workloads have made.

using Pods = std::vector<nlohmann::json>;

// Whether objects of this kind are pods or make them.
bool has_pods(const std::string& kind);
// Whether `pod` is the object `workload`, carries all labels that it selects by, or is a run of it.
bool owns(const nlohmann::json& workload, const nlohmann::json& pod);

// Whether one of `members` owns `pod`.
bool is_of(const std::vector<Member>& members, const nlohmann::json& pod);

// All pods of a namespace.
Result<Pods> list_pods(kube::Client& client, const std::string& space);
// The pods that one of `members` owns, in the order of their names.
Result<Pods> pods_of(kube::Client& client, const std::vector<Member>& members);

}  // namespace marvel::rollout
