#include "deploy/rollout/apply.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <thread>

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMap = "/api/v1/namespaces/edge/configmaps/settings";
const std::string kDeployment = "/apis/apps/v1/namespaces/edge/deployments/web";
const std::string kLease = "/apis/coordination.k8s.io/v1/namespaces/edge/leases/marvel-web";

json object(const std::string& version, const std::string& kind, const std::string& name) {
  return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

const json kSettings = object("v1", "ConfigMap", "settings");
const json kWeb = object("apps/v1", "Deployment", "web");

Result<ApplyReport> applied(FakeCluster& cluster, const std::vector<json>& bodies,
                            const ApplyOptions& options = {}, const std::string& name = "web") {
  std::vector<deploy::Object> objects;
  for (const auto& body : bodies) {
    objects.emplace_back(body);
  }
  return apply(cluster.connect(), name, "edge", objects, options, [](const auto&) { return true; });
}

}  // namespace

TEST_CASE("a run that slept through its lease writes nothing more") {
  FakeCluster cluster;
  cluster.before = [&cluster](const std::string& method, const std::string& path) {
    if (method == "PATCH" && path == kMap) {
      json lease = cluster.get(kLease);
      lease["spec"]["holderIdentity"] = "another run";
      cluster.put(kLease, lease);
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
    }
  };
  ApplyOptions options;
  options.lease.duration = std::chrono::seconds(1);
  const auto report = applied(cluster, {kSettings, kWeb}, options);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Errc::kConflict);
  CHECK(report.error().message.find("another run") != std::string::npos);
  CHECK(cluster.get(kDeployment).is_null());
  CHECK(cluster.get(kLease)["spec"]["holderIdentity"] == "another run");
}

}  // namespace marvel::rollout
