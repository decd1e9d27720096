#include "deploy/rollout/remove.hpp"

#include "deploy/rollout/fake_cluster.hpp"
#include "deploy/rollout/members.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMaps = "/api/v1/namespaces/edge/configmaps/";

void apply_maps(FakeCluster& cluster, const std::vector<std::string>& names) {
  std::vector<deploy::Object> objects;
  for (const auto& name : names) {
    objects.emplace_back(
        json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}});
  }
  const auto report =
      apply(cluster.connect(), "web", "edge", objects, {}, [](const auto&) { return Status(); });
  REQUIRE(report.has_value());
  REQUIRE_FALSE(report->failed());
}

// What somebody is asked about before a service is deleted.
struct Seen {
  Inventory inventory;
  std::vector<Member> members;
};

Seen look(const std::shared_ptr<kube::Connection>& connection) {
  kube::Client client(connection);
  kube::Discovery discovery(client);
  const auto inventory = read_inventory(client, "web", "edge");
  REQUIRE(inventory.has_value());
  REQUIRE(inventory->has_value());
  return {**inventory, *list_members(client, discovery, **inventory)};
}

}  // namespace

TEST_CASE("a service goes with its objects, its inventory and its lease") {
  FakeCluster cluster;
  apply_maps(cluster, {"a", "b"});
  const auto connection = cluster.connect();
  const Seen seen = look(connection);
  const auto results = remove_service(connection, seen.inventory, seen.members, DryRun::kNone);
  REQUIRE(results.has_value());
  CHECK(results->size() == 2);
  CHECK(cluster.get(kMaps + "a").is_null());
  CHECK(cluster.get(kMaps + "b").is_null());
  CHECK(cluster.get("/api/v1/namespaces/edge/secrets/marvel-web").is_null());
}

TEST_CASE("what another run added since somebody was asked is not deleted, nor is the rest") {
  FakeCluster cluster;
  apply_maps(cluster, {"a"});
  const auto connection = cluster.connect();
  const Seen seen = look(connection);
  apply_maps(cluster, {"a", "b"});
  const auto results = remove_service(connection, seen.inventory, seen.members, DryRun::kNone);
  REQUIRE_FALSE(results.has_value());
  CHECK(results.error().code == Errc::kConflict);
  CHECK(results.error().message.find("ConfigMap edge/b") != std::string::npos);
  for (const char* name : {"a", "b"}) {
    CHECK_FALSE(cluster.get(kMaps + name).is_null());
  }
}

TEST_CASE("what was made anew since somebody was asked is not deleted, nor is the rest") {
  FakeCluster cluster;
  apply_maps(cluster, {"a", "b"});
  const auto connection = cluster.connect();
  const Seen seen = look(connection);
  cluster.make_anew(kMaps + "b");
  const auto results = remove_service(connection, seen.inventory, seen.members, DryRun::kNone);
  REQUIRE_FALSE(results.has_value());
  CHECK(results.error().code == Errc::kConflict);
  CHECK_FALSE(cluster.get(kMaps + "a").is_null());
}

TEST_CASE("an object that is made anew while the service goes stays, and so does the inventory") {
  FakeCluster cluster;
  apply_maps(cluster, {"a", "b"});
  const auto connection = cluster.connect();
  const Seen seen = look(connection);
  cluster.before = [&cluster](const std::string& method, const std::string& path) {
    if (method == "DELETE" && path == kMaps + "a") {
      cluster.make_anew(path);
    }
  };
  const auto results = remove_service(connection, seen.inventory, seen.members, DryRun::kNone);
  REQUIRE(results.has_value());
  CHECK((*results)[0].action == Action::kFailed);
  CHECK((*results)[0].error->message.find("made anew") != std::string::npos);
  CHECK_FALSE(cluster.get(kMaps + "a").is_null());
  CHECK(cluster.get(kMaps + "b").is_null());
  CHECK_FALSE(cluster.get("/api/v1/namespaces/edge/secrets/marvel-web").is_null());
}

TEST_CASE("an object whose deletion is refused is deleted only when it is on its way out") {
  for (const bool going : {true, false}) {
    FakeCluster cluster;
    apply_maps(cluster, {"a"});
    const auto connection = cluster.connect();
    const Seen seen = look(connection);
    if (going) {
      json map = cluster.get(kMaps + "a");
      map["metadata"]["deletionTimestamp"] = cluster.time_text();
      cluster.put(kMaps + "a", map);
    }
    bool refuse = false;
    cluster.before = [&refuse](const std::string& method, const std::string& path) {
      refuse = method == "DELETE" && path == kMaps + "a";
    };
    cluster.fail = [&refuse](const std::string&) { return refuse ? 409 : 0; };
    kube::Client client(connection);
    CHECK(delete_object(client, seen.members[0], false).has_value() != going);
  }
}

}  // namespace marvel::rollout
