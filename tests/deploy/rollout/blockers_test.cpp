#include "deploy/rollout/blockers.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

const Readiness kNow{State::kProgressing, "0 of 1 pods created"};
constexpr const char* kQuota = "pods \"web-0\" is forbidden: exceeded quota: none";

std::string at(int second) {
  return "2026-01-01T00:00:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + "Z";
}

json event(const std::string& reason, const std::string& message, int second) {
  return {{"reason", reason}, {"message", message}, {"lastTimestamp", at(second)}, {"count", 1}};
}

json changed(int second) {
  return {{"metadata",
           {{"managedFields",
             {{{"manager", "marvel"}, {"operation", "Apply"}, {"time", at(second)}},
              {{"manager", "kube-controller-manager"}, {"time", at(59)}}}}}}};
}

}  // namespace

TEST_CASE("a quota is a failure in its own words") {
  const Readiness why = blocked(changed(5), kNow, {event("FailedCreate", kQuota, 5)});
  CHECK(why.state == State::kFailed);
  CHECK(why.reason == "FailedCreate: " + std::string(kQuota));
}

TEST_CASE("without events of a failure the state stays what it is") {
  CHECK(blocked(changed(5), kNow, {}).reason == kNow.reason);
  CHECK(blocked(changed(5), kNow, {event("SuccessfulCreate", "made", 6)}).reason == kNow.reason);
}

TEST_CASE("a failure before the last change, or before a success, is over") {
  const json failure = event("FailedCreate", kQuota, 5);
  CHECK(blocked(changed(6), kNow, {failure}).reason == kNow.reason);
  CHECK(blocked(changed(1), kNow, {failure, event("SuccessfulCreate", "made", 6)}).reason ==
        kNow.reason);
  CHECK(blocked(changed(1), kNow, {failure, event("SuccessfulCreate", "made", 4)}).state ==
        State::kFailed);
}

TEST_CASE("the newest failure is told, whichever field has its time") {
  json newest = event("FailedCreate", "is forbidden: second", 1);
  newest["lastTimestamp"] = nullptr;
  newest["eventTime"] = "2026-01-01T00:00:09.123456Z";
  const auto why =
      blocked(changed(0), kNow, {newest, event("FailedCreate", "is forbidden: first", 8)});
  CHECK(why.reason == "FailedCreate: is forbidden: second");
}

TEST_CASE("what may pass by itself is told and is no failure") {
  const auto account = blocked(
      changed(0), kNow,
      {event("FailedCreate", "pods \"a\" is forbidden: serviceaccount \"x\" not found", 5)});
  CHECK(account.state == State::kProgressing);
  CHECK(account.reason.find("serviceaccount") != std::string::npos);
  json storage = event("ProvisioningFailed", "storageclass.storage.k8s.io \"x\" not found", 5);
  CHECK(blocked(changed(0), kNow, {storage}).state == State::kProgressing);
  storage["count"] = 2;
  CHECK(blocked(changed(0), kNow, {storage}).state == State::kFailed);
}

}  // namespace marvel::rollout
