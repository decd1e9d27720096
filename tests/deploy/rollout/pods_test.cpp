#include "deploy/rollout/pods.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {

using nlohmann::json;

TEST_CASE("a workload owns the pods that carry all of its labels") {
  const json web = {
      {"kind", "Deployment"},
      {"spec", {{"selector", {{"matchLabels", {{"app", "web"}, {"tier", "front"}}}}}}}};
  json pod = {{"metadata", {{"labels", {{"app", "web"}, {"tier", "front"}, {"x", "y"}}}}}};
  CHECK(owns(web, pod));
  pod["metadata"]["labels"].erase("tier");
  CHECK_FALSE(owns(web, pod));
  CHECK_FALSE(owns({{"kind", "Deployment"}}, pod));
}

TEST_CASE("a pod owns itself only") {
  const json one = {{"kind", "Pod"}, {"metadata", {{"uid", "1"}}}};
  CHECK(owns(one, one));
  CHECK_FALSE(owns(one, {{"metadata", {{"uid", "2"}}}}));
}

TEST_CASE("a cron job owns the pods of its jobs, and not those of a namesake") {
  const json nightly = {{"kind", "CronJob"}, {"metadata", {{"name", "nightly"}}}};
  const auto pod_of = [](const std::string& job) {
    return json{{"metadata", {{"ownerReferences", {{{"kind", "Job"}, {"name", job}}}}}}};
  };
  CHECK(owns(nightly, pod_of("nightly-28912345")));
  CHECK_FALSE(owns(nightly, pod_of("nightly-backup-28912345")));
  CHECK_FALSE(owns(nightly, pod_of("nightly")));
}

}  // namespace marvel::rollout
