#include "deploy/rollout/readiness.hpp"

#include "deploy/kube/fields.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

// A count in an object. No cluster has a billion pods, so sums and differences stay small.
std::int64_t whole(const json& object, kube::Path path, std::int64_t fallback = 0) {
  constexpr std::int64_t kMost = 1'000'000'000;
  return std::clamp(kube::whole(object, path, fallback), -kMost, kMost);
}

Readiness progressing(std::string reason) {
  return {State::kProgressing, std::move(reason)};
}

Readiness failed(std::string reason) {
  return {State::kFailed, std::move(reason)};
}

// The condition of a type, or null.
const json& condition(const json& object, const std::string& type) {
  for (const auto& one : field(object, {"status", "conditions"})) {
    if (text(one, {"type"}) == type) {
      return one;
    }
  }
  return field(object, {"no", "such", "condition"});
}

bool is_true(const json& condition) {
  return text(condition, {"status"}) == "True";
}

std::string with_message(const std::string& reason, const json& condition) {
  const std::string message = text(condition, {"message"});
  return message.empty() ? reason : reason + ": " + message;
}

std::string so_many(const char* what, std::int64_t have, std::int64_t want) {
  return std::to_string(have) + " of " + std::to_string(want) + " pods " + what;
}

// The first of the counts that is short.
struct Count {
  const char* what;
  std::int64_t have;
};

Readiness all_reach(std::int64_t want, std::initializer_list<Count> counts) {
  for (const auto& count : counts) {
    if (count.have < want) {
      return progressing(so_many(count.what, count.have, want));
    }
  }
  return {};
}

Readiness deployment(const json& object) {
  const auto want = whole(object, {"spec", "replicas"}, 1);
  const json& progress = condition(object, "Progressing");
  if (text(progress, {"reason"}) == "ProgressDeadlineExceeded") {
    return failed(with_message("ProgressDeadlineExceeded", progress));
  }
  if (const json& failure = condition(object, "ReplicaFailure"); is_true(failure)) {
    return failed(with_message(text(failure, {"reason"}), failure));
  }
  const auto replicas = whole(object, {"status", "replicas"});
  const auto updated = whole(object, {"status", "updatedReplicas"});
  const auto available = whole(object, {"status", "availableReplicas"});
  if (Readiness short_of = all_reach(want, {{"created", replicas}, {"updated", updated}});
      short_of.state != State::kReady) {
    return short_of;
  }
  if (replicas > want) {
    return progressing(std::to_string(replicas - want) + " old pods still run");
  }
  if (available < updated) {
    return progressing(so_many("available", available, updated));
  }
  if (const auto ready = whole(object, {"status", "readyReplicas"}); ready < want) {
    return progressing(so_many("ready", ready, want));
  }
  if (field(object, {"spec", "progressDeadlineSeconds"}).is_number() &&
      text(progress, {"reason"}) != "NewReplicaSetAvailable") {
    return progressing("the new pods are not all available yet");
  }
  return is_true(condition(object, "Available")) ? Readiness() : progressing("not available yet");
}

Readiness stateful_set(const json& object) {
  if (text(object, {"spec", "updateStrategy", "type"}) == "OnDelete") {
    return {};
  }
  const auto want = whole(object, {"spec", "replicas"}, 1);
  const auto partition = whole(object, {"spec", "updateStrategy", "rollingUpdate", "partition"});
  if (Readiness counts = all_reach(want, {{"created", whole(object, {"status", "replicas"})},
                                          {"ready", whole(object, {"status", "readyReplicas"})}});
      counts.state != State::kReady) {
    return counts;
  }
  if (whole(object, {"status", "replicas"}) > want) {
    return progressing("too many pods still run");
  }
  if (partition > 0) {
    return all_reach(want - partition, {{"updated", whole(object, {"status", "updatedReplicas"})}});
  }
  if (text(object, {"status", "currentRevision"}) != text(object, {"status", "updateRevision"})) {
    return progressing("pods of the old revision still run");
  }
  return all_reach(want, {{"current", whole(object, {"status", "currentReplicas"})}});
}

Readiness daemon_set(const json& object) {
  if (whole(object, {"status", "observedGeneration"}) == 0) {
    return progressing("not seen by its controller yet");
  }
  return all_reach(whole(object, {"status", "desiredNumberScheduled"}),
                   {{"created", whole(object, {"status", "currentNumberScheduled"})},
                    {"updated", whole(object, {"status", "updatedNumberScheduled"})},
                    {"available", whole(object, {"status", "numberAvailable"})},
                    {"ready", whole(object, {"status", "numberReady"})}});
}

Readiness replica_set(const json& object) {
  const auto want = whole(object, {"spec", "replicas"}, 1);
  if (const json& failure = condition(object, "ReplicaFailure"); is_true(failure)) {
    return failed(with_message(text(failure, {"reason"}), failure));
  }
  if (whole(object, {"status", "replicas"}) > want) {
    return progressing("too many pods still run");
  }
  return all_reach(want, {{"created", whole(object, {"status", "replicas"})},
                          {"available", whole(object, {"status", "availableReplicas"})},
                          {"ready", whole(object, {"status", "readyReplicas"})}});
}

bool has_made_pods(const json& job) {
  return whole(job, {"status", "active"}) > 0 || whole(job, {"status", "succeeded"}) > 0 ||
         whole(job, {"status", "failed"}) > 0 || whole(job, {"status", "terminating"}) > 0;
}

Readiness job(const json& object, const ReadinessRules& rules) {
  if (const json& failure = condition(object, "Failed"); is_true(failure)) {
    return failed(with_message(text(failure, {"reason"}), failure));
  }
  if (is_true(condition(object, "Complete"))) {
    return {};
  }
  if (text(object, {"status", "startTime"}).empty()) {
    return progressing("not started yet");
  }
  if (!has_made_pods(object)) {  // it has a start time even when a quota lets no pod in
    return progressing("no pod is made yet");
  }
  return rules.wait_for_jobs ? progressing("running") : Readiness();
}

Readiness pod(const json& object) {
  const std::string phase = text(object, {"status", "phase"});
  if (phase == "Failed") {
    return failed("the pod failed" + (text(object, {"status", "message"}).empty()
                                          ? ""
                                          : ": " + text(object, {"status", "message"})));
  }
  if (phase == "Succeeded") {
    return {};
  }
  return phase == "Running" && is_true(condition(object, "Ready")) ? Readiness()
                                                                   : progressing("not ready yet");
}

Readiness definition(const json& object) {
  if (text(condition(object, "NamesAccepted"), {"status"}) == "False") {
    return failed(with_message("its names are taken", condition(object, "NamesAccepted")));
  }
  const json& established = condition(object, "Established");
  if (text(established, {"status"}) == "False" && text(established, {"reason"}) != "Installing") {
    return failed(with_message("not established", established));
  }
  return is_true(established) ? Readiness() : progressing("not established yet");
}

Readiness of_kind(const json& object, const ReadinessRules& rules) {
  const std::string kind = text(object, {"kind"});
  if (kind == "Deployment") {
    return deployment(object);
  }
  if (kind == "StatefulSet") {
    return stateful_set(object);
  }
  if (kind == "DaemonSet") {
    return daemon_set(object);
  }
  if (kind == "ReplicaSet") {
    return replica_set(object);
  }
  if (kind == "Job") {
    return job(object, rules);
  }
  if (kind == "Pod") {
    return pod(object);
  }
  if (kind == "CustomResourceDefinition") {
    return definition(object);
  }
  if (kind == "PersistentVolumeClaim") {
    const std::string phase = text(object, {"status", "phase"});
    return phase == "Bound" ? Readiness() : progressing("not bound yet");
  }
  const bool balanced = kind == "Service" && text(object, {"spec", "type"}) == "LoadBalancer";
  return balanced && text(object, {"spec", "clusterIP"}).empty() ? progressing("no address yet")
                                                                 : Readiness();
}

constexpr const char* kCrashLoop = "CrashLoopBackOff";

// " (3 restarts, last exit code 2)"
std::string how_often(const json& container_status, const json& ended) {
  const auto restarts = whole(container_status, {"restartCount"});
  return " (" + std::to_string(restarts) + (restarts == 1 ? " restart" : " restarts") +
         ", last exit code " + std::to_string(whole(ended, {"exitCode"})) + ")";
}

Readiness cause_of_container(const json& status) {
  constexpr std::array kFinal{"ImagePullBackOff",     "ErrImagePull",
                              "InvalidImageName",     "ErrImageNeverPull",
                              "CrashLoopBackOff",     "CreateContainerConfigError",
                              "CreateContainerError", "RunContainerError"};
  const std::string reason = text(status, {"state", "waiting", "reason"});
  for (const char* final : kFinal) {
    if (reason == final) {
      std::string why = "container " + text(status, {"name"}) + ": " +
                        with_message(reason, field(status, {"state", "waiting"}));
      if (reason == kCrashLoop) {
        why += how_often(status, field(status, {"lastState", "terminated"}));
      }
      return failed(why);
    }
  }
  // Some kubelets do not name the pause between two crashes.
  const json& ended = field(status, {"state", "terminated"});
  if (whole(ended, {"exitCode"}) != 0 && whole(status, {"restartCount"}) > 0) {
    return failed("container " + text(status, {"name"}) + ": " + kCrashLoop +
                  how_often(status, ended));
  }
  return {};
}

}  // namespace

bool is_observed(const json& object) {
  return !field(object, {"status", "observedGeneration"}).is_number_integer() ||
         kube::whole(object, {"status", "observedGeneration"}) ==
             kube::whole(object, {"metadata", "generation"});
}

Readiness readiness_of(const json& object, const ReadinessRules& rules) {
  if (!text(object, {"metadata", "deletionTimestamp"}).empty()) {
    return {State::kTerminating, "being deleted"};
  }
  if (!is_observed(object)) {
    return progressing("its controller has not seen the change yet");
  }
  if (const json& stalled = condition(object, "Stalled"); is_true(stalled)) {
    return failed(with_message(text(stalled, {"reason"}), stalled));
  }
  if (const json& reconciling = condition(object, "Reconciling"); is_true(reconciling)) {
    return progressing(with_message(text(reconciling, {"reason"}), reconciling));
  }
  return of_kind(object, rules);
}

std::int64_t seconds_of(const std::string& time) {
  std::tm parts{};
  int used = 0;
  if (std::sscanf(time.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used) != 6 ||
      time.empty() || time.back() != 'Z') {
    return 0;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return ::timegm(&parts);
}

Readiness cause_of_pod(const json& pod, std::int64_t now, std::int64_t unschedulable_seconds) {
  if (!text(pod, {"metadata", "deletionTimestamp"}).empty()) {
    return {};
  }
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const auto& status : field(pod, {"status", list})) {
      if (Readiness cause = cause_of_container(status); cause.state == State::kFailed) {
        return cause;
      }
    }
  }
  const json& scheduled = condition(pod, "PodScheduled");
  if (text(scheduled, {"status"}) == "False" && text(scheduled, {"reason"}) == "Unschedulable" &&
      now - seconds_of(text(pod, {"metadata", "creationTimestamp"})) >= unschedulable_seconds) {
    return failed(with_message("Unschedulable", scheduled));
  }
  return {};
}

}  // namespace marvel::rollout
