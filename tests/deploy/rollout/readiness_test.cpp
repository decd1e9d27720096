#include "deploy/rollout/readiness.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

Readiness of(const char* text, const ReadinessRules& rules = {}) {
  return readiness_of(nlohmann::json::parse(text), rules);
}

Readiness cause(const char* text, std::int64_t now = 0) {
  return cause_of_pod(nlohmann::json::parse(text), now, 15);
}

}  // namespace

TEST_CASE("a Deployment is ready when its new pods are available and the old ones gone") {
  CHECK(
      of(R"({"kind":"Deployment","metadata":{"generation":2},"spec":{"replicas":2,"progressDeadlineSeconds":600},
    "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2,"readyReplicas":2,
    "conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}})")
          .state == State::kReady);
  CHECK(of(R"({"kind":"Deployment","metadata":{"generation":2},"status":{"observedGeneration":1}})")
            .state == State::kProgressing);
  CHECK(of(R"({"kind":"Deployment","spec":{"replicas":2},"status":{"replicas":1}})").reason ==
        "1 of 2 pods created");
  CHECK(
      of(R"({"kind":"Deployment","spec":{"replicas":1},"status":{"replicas":2,"updatedReplicas":1}})")
          .reason == "1 old pods still run");
}

TEST_CASE("deadlines and quotas are failures") {
  const Readiness late = of(R"({"kind":"Deployment","status":{"conditions":[
    {"type":"Progressing","reason":"ProgressDeadlineExceeded","message":"m"}]}})");
  CHECK(late.state == State::kFailed);
  CHECK(late.reason == "ProgressDeadlineExceeded: m");
  const Readiness quota = of(R"({"kind":"ReplicaSet","status":{"conditions":[
    {"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"exceeded quota"}]}})");
  CHECK(quota.state == State::kFailed);
  CHECK(quota.reason == "FailedCreate: exceeded quota");
}

TEST_CASE("other kinds have their own rules") {
  CHECK(of(R"({"kind":"ConfigMap"})").state == State::kReady);
  CHECK(of(R"({"kind":"Service","spec":{"type":"LoadBalancer"}})").state == State::kProgressing);
  CHECK(of(R"({"kind":"Service","spec":{"type":"LoadBalancer","clusterIP":"10.0.0.1"}})").state ==
        State::kReady);
  CHECK(of(R"({"kind":"PersistentVolumeClaim","status":{"phase":"Bound"}})").state ==
        State::kReady);
  CHECK(of(R"({"kind":"StatefulSet","spec":{"updateStrategy":{"type":"OnDelete"}}})").state ==
        State::kReady);
  CHECK(of(R"({"kind":"StatefulSet","spec":{"replicas":1},"status":{"replicas":1,"readyReplicas":1,
    "currentReplicas":1,"currentRevision":"a","updateRevision":"b"}})")
            .state == State::kProgressing);
  CHECK(of(R"({"kind":"StatefulSet","spec":{"replicas":1},"status":{"replicas":5,"readyReplicas":5,
    "currentReplicas":5,"currentRevision":"a","updateRevision":"a"}})")
            .reason == "too many pods still run");
  CHECK(of(R"({"kind":"DaemonSet","status":{"observedGeneration":0}})").state ==
        State::kProgressing);
  CHECK(of(R"({"kind":"Job","status":{"startTime":"x"}})").state == State::kProgressing);
  CHECK(of(R"({"kind":"Job","status":{"startTime":"x","active":1}})").state == State::kReady);
  CHECK(of(R"({"kind":"Job","status":{"startTime":"x","failed":1}})").state == State::kReady);
  CHECK(of(R"({"kind":"Job","status":{"startTime":"x","active":1}})", {true}).state ==
        State::kProgressing);
  CHECK(
      of(R"({"kind":"Job","status":{"conditions":[{"type":"Failed","status":"True","reason":"r"}]}})")
          .state == State::kFailed);
  CHECK(of(R"({"kind":"Pod","status":{"phase":"Failed"}})").state == State::kFailed);
  CHECK(of(R"({"kind":"Pod","status":{"phase":"Succeeded"}})").state == State::kReady);
  CHECK(of(R"({"kind":"CustomResourceDefinition","status":{"conditions":[
    {"type":"NamesAccepted","status":"False","message":"taken"}]}})")
            .state == State::kFailed);
  CHECK(of(R"({"kind":"ConfigMap","metadata":{"deletionTimestamp":"x"}})").state ==
        State::kTerminating);
  CHECK(
      of(R"({"kind":"Widget","status":{"conditions":[{"type":"Stalled","status":"True","reason":"r"}]}})")
          .state == State::kFailed);
}

TEST_CASE("causes that do not pass by themselves are told, others not") {
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ImagePullBackOff","message":"m"}}}]}})")
          .reason == "container c: ImagePullBackOff: m");
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","restartCount":3,"lastState":{"terminated":{"exitCode":2}},
    "state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}})")
          .reason == "container c: CrashLoopBackOff (3 restarts, last exit code 2)");
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","restartCount":1,"state":{"terminated":{"exitCode":3}}}]}})")
          .reason == "container c: CrashLoopBackOff (1 restart, last exit code 3)");
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","restartCount":0,"state":{"terminated":{"exitCode":3}}}]}})")
          .state == State::kReady);
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","restartCount":2,"state":{"terminated":{"exitCode":0}}}]}})")
          .state == State::kReady);
  CHECK(
      cause(
          R"({"status":{"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ContainerCreating"}}}]}})")
          .state == State::kReady);
  const char* waiting =
      R"({"metadata":{"creationTimestamp":"1970-01-01T00:01:40Z"},"status":{"conditions":[
    {"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes"}]}})";
  CHECK(cause(waiting, 114).state == State::kReady);
  CHECK(cause(waiting, 115).reason == "Unschedulable: 0/3 nodes");
}

TEST_CASE("absurd counts do no harm") {
  CHECK(of(R"({"kind":"Deployment","spec":{"replicas":-9223372036854775808},
    "status":{"replicas":9223372036854775807,"updatedReplicas":1}})")
            .state == State::kProgressing);
  CHECK(
      of(R"({"kind":"StatefulSet","spec":{"replicas":0,"updateStrategy":{"rollingUpdate":{"partition":9223372036854775807}}}})")
          .state == State::kReady);
}

TEST_CASE("times are read strictly") {
  CHECK(seconds_of("1970-01-02T00:00:01Z") == 86401);
  CHECK(seconds_of("2024-02-29T12:00:00Z") == 1709208000);
  CHECK(seconds_of("") == 0);
  CHECK(seconds_of("yesterday") == 0);
}

}  // namespace marvel::rollout
