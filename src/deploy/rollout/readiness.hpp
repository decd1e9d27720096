#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// kReady is the state that the spec asks for, kProgressing the way there, kFailed a state that does
// not pass by itself, kTerminating that of an object that is being deleted, and kMissing that of
// one that is wanted and not there (told by read_state, which knows what is wanted).
enum class State { kReady, kProgressing, kFailed, kTerminating, kMissing };

struct Readiness {
  State state = State::kReady;
  std::string reason;  // one line for people; empty when ready
};

struct ReadinessRules {
  bool wait_for_jobs = false;  // a Job is ready when it is complete, not when it has a pod
};

// Whether an object, as the server has it, has become what its spec asks. The rules are those of
// kstatus (sigs.k8s.io/cli-utils) with three changes: a failed Pod is a failure, a ReplicaFailure
// (a quota, for example) is one as well, and a Job has started when it has made a pod. Kinds
// without a rule are ready as soon as they are there, unless a condition Stalled or Reconciling
// says otherwise.
//
// Reads the object and nothing else: why pods do not run is told by cause_of_pod, and what hinders
// a controller by blocked (blockers.hpp). Never fails, whatever the object holds.
Readiness readiness_of(const nlohmann::json& object, const ReadinessRules& rules = {});

// Whether the controller has seen the object's spec as it is now, as far as the object tells
// (status.observedGeneration). Until then its status is that of an older spec.
bool is_observed(const nlohmann::json& object);

// Why a pod does not run, when that will not pass by itself: an image that cannot be pulled, a
// crash loop, a bad configuration; Unschedulable once it has lasted for `unschedulable_seconds`
// (`now` less the pod's creation, both seconds since 1970 by the server's clock). kReady: no such
// cause, also for a pod that is being deleted. Its phase is not looked at: readiness_of does that.
Readiness cause_of_pod(const nlohmann::json& pod, std::int64_t now,
                       std::int64_t unschedulable_seconds);

// Seconds since 1970 of an RFC 3339 time in UTC, which ends in "Z"; fractions are dropped. 0 for
// anything else.
std::int64_t seconds_of(const std::string& time);

}  // namespace marvel::rollout
