#include "deploy/rollout/deletion.hpp"

#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/fake_cluster.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMap = "/api/v1/namespaces/edge/configmaps/settings";
const std::string kParent = "/api/v1/namespaces/edge/secrets/marvel-web";
const json kSettings = {
    {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "settings"}}}};

Result<ApplyReport> applied(FakeCluster& cluster, const std::vector<json>& bodies,
                            const ApplyOptions& options = {}) {
  std::vector<deploy::Object> objects;
  for (const auto& body : bodies) {
    objects.emplace_back(body);
  }
  return apply(cluster.connect(), "web", "edge", objects, options,
               [](const auto&) { return Status(); });
}

json going() {
  json object = kSettings;
  object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  object["metadata"]["finalizers"] = {"test/one", "test/two"};
  return object;
}

}  // namespace

TEST_CASE("an object that is being deleted is made anew when it is gone") {
  FakeCluster cluster;
  cluster.put(kMap, going());
  int looks = 0;
  cluster.before = [&](const std::string& method, const std::string& path) {
    if (method == "GET" && path == kMap && ++looks > 2) {
      cluster.remove(kMap);
    }
  };
  std::vector<std::string> told;
  ApplyOptions options;
  options.on_wait = [&told](const std::string& message) { told.push_back(message); };
  const auto report = applied(cluster, {kSettings}, options);
  REQUIRE(report.has_value());
  CHECK(report->objects[0].action == Action::kCreated);
  CHECK(told == std::vector<std::string>{
                    "ConfigMap edge/settings is being deleted; waiting until it is gone"});
  CHECK_FALSE(cluster.get(kMap).is_null());
}

TEST_CASE("an object that does not go is a failure that names what holds it") {
  FakeCluster cluster;
  cluster.put(kMap, going());
  ApplyOptions options;
  options.deletion_patience = std::chrono::milliseconds(300);
  const auto report = applied(cluster, {kSettings}, options);
  REQUIRE(report.has_value());
  REQUIRE(report->objects[0].error.has_value());
  CHECK(report->objects[0].error->code == Errc::kTimeout);
  CHECK(report->objects[0].error->message.find("test/one, test/two") != std::string::npos);
  CHECK(is_going(cluster.get(kMap)));
}

TEST_CASE("an object that is deleted while it is applied is a failure, and not unchanged") {
  FakeCluster cluster;
  cluster.put(kMap, kSettings);
  cluster.before = [&cluster](const std::string& method, const std::string& path) {
    if (method == "PATCH" && path == kMap) {
      cluster.put(kMap, going());
    }
  };
  const auto report = applied(cluster, {kSettings});
  REQUIRE(report.has_value());
  REQUIRE(report->objects[0].error.has_value());
  CHECK(report->objects[0].error->message.find("deleted meanwhile") != std::string::npos);
}

TEST_CASE("a dry run says that what is being deleted would be made, and waits for nothing") {
  for (const DryRun dry_run : {DryRun::kClient, DryRun::kServer}) {
    FakeCluster cluster;
    cluster.put(kMap, going());
    ApplyOptions options;
    options.dry_run = dry_run;
    const auto report = applied(cluster, {kSettings}, options);
    REQUIRE(report.has_value());
    CHECK(report->objects[0].action == Action::kCreated);
  }
}

TEST_CASE("a pruned object that is held stays in the list of kinds, and is not pruned again") {
  FakeCluster cluster;
  json held = kSettings;
  held["metadata"]["finalizers"] = {"test/one"};
  const json web = {
      {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "web"}}}};
  const auto kinds = [&cluster] { return inventory_from(cluster.get(kParent))->kinds; };
  REQUIRE(applied(cluster, {held, web}));
  REQUIRE(applied(cluster, {web}));
  REQUIRE(is_going(cluster.get(kMap)));
  CHECK(kinds() == std::vector<std::string>{"ConfigMap", "Deployment.apps"});
  const auto again = applied(cluster, {web});
  REQUIRE(again.has_value());
  CHECK_FALSE(again->changed);
  CHECK(again->objects.size() == 1);
  cluster.remove(kMap);
  REQUIRE(applied(cluster, {web}));
  CHECK(kinds() == std::vector<std::string>{"Deployment.apps"});
}

}  // namespace marvel::rollout
