#include "deploy/rollout/singleton.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMarker = "/api/v1/namespaces/edge/configmaps/marvel-singleton-only";

Inventory service(const std::string& name) {
  return *new_inventory(name, "edge", "only");
}

std::string owner(FakeCluster& cluster) {
  return cluster.get(kMarker)["metadata"]["labels"].value(kServiceLabel, "");
}

}  // namespace

TEST_CASE("the first one has the marker, and the second one learns who that is") {
  FakeCluster cluster;
  kube::Client client(cluster.connect());
  cluster.put("/api/v1/namespaces/edge/secrets/marvel-first", parent_object(service("first")));
  CHECK(look_for_twin(client, service("first"))->running_as.empty());
  CHECK(claim_marker(client, service("first")).value().empty());
  CHECK(look_for_twin(client, service("first"))->running_as.empty());
  CHECK(look_for_twin(client, service("second"))->running_as == "first");
  CHECK(claim_marker(client, service("second")) == "first");
  CHECK(owner(cluster) == "first");
}

TEST_CASE("a marker that has outlived its service is taken over") {
  FakeCluster cluster;
  kube::Client client(cluster.connect());
  REQUIRE(claim_marker(client, service("gone")).value().empty());
  CHECK(look_for_twin(client, service("second"))->outlived.has_value());
  CHECK(claim_marker(client, service("second")).value().empty());
  CHECK(owner(cluster) == "second");
}

TEST_CASE("the inventory names the marker's kind once, in its place") {
  Inventory inventory = service("web");
  inventory.kinds = {"Apple", "Secret"};
  inventory = with_marker_kind(with_marker_kind(inventory));
  CHECK(inventory.kinds == std::vector<std::string>{"Apple", "ConfigMap", "Secret"});
}

}  // namespace marvel::rollout
