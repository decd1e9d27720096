#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Pods of a service: members of kind Pod, and what its workloads have made. Pods do not carry the
// service's label, so they are found by what their makers select.
using Pods = std::vector<nlohmann::json>;

// Whether objects of this kind are pods or make them.
bool has_pods(const std::string& kind);
// Whether `pod` is the object `workload`, carries all labels that it selects by, or is a run of it.
// Only matchLabels are looked at, and namespaces are not. A pod of an older revision counts, too:
// see newest_pods.hpp for the new ones.
bool owns(const nlohmann::json& workload, const nlohmann::json& pod);

// Whether one of `members` owns `pod`, and is in the same namespace.
bool is_of(const std::vector<Member>& members, const nlohmann::json& pod);

// All pods of a namespace, whoever made them; there may be thousands.
Result<Pods> list_pods(kube::Client& client, const std::string& space);
// The pods that one of `members` owns, in the order of their names. Lists all pods of each
// namespace that has such a member.
Result<Pods> pods_of(kube::Client& client, const std::vector<Member>& members);

}  // namespace marvel::rollout
