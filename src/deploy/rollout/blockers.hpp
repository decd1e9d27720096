#pragma once

#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/readiness.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Why a controller cannot make what a workload or a claim needs: a quota, a policy, a storage class
// that is not there. Deployments and ReplicaSets say it in their status; others only in events.

// Whether events are where objects of this kind say it: StatefulSet, DaemonSet, Job and
// PersistentVolumeClaim.
bool has_blockers(const std::string& kind);

// `now`, or why `object` stays as it is: the newest event of a failure, unless a success or a
// change of the object by marvel came after it. It is kFailed when it will not pass by itself (a
// quota, a policy, a volume that was tried twice), else told as the reason: what the same run still
// brings, such as an account, is "not found" only for a moment. `events` are those of `object`
// alone.
Readiness blocked(const nlohmann::json& object, const Readiness& now,
                  const std::vector<nlohmann::json>& events);

// The same with the events that the server has; `now` when they cannot be read, because they
// explain the state and do not make it. One list of events.
Readiness blocked(kube::Client& client, const Member& member, const Readiness& now);

}  // namespace marvel::rollout
