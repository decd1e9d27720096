#include "deploy/rollout/strangers.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMaps = "/api/v1/namespaces/edge/configmaps/";

ObjectRef map_named(const std::string& name) {
  kube::Resource maps;
  maps.version = "v1";
  maps.kind = "ConfigMap";
  maps.plural = "configmaps";
  maps.namespaced = true;
  return {maps, "edge", name};
}

std::optional<Error> verdict(const std::string& id) {
  FakeCluster cluster;
  Inventory other = *new_inventory("other", "grn", "");
  json parent = parent_object(other);
  cluster.put("/api/v1/namespaces/grn/secrets/marvel-other", parent);
  kube::Client client(cluster.connect());
  json live = {{"metadata", {{"labels", json::object()}}}};
  if (!id.empty()) {
    live["metadata"]["labels"][kPartOfLabel] = id;
  }
  return stranger(client, *new_inventory("web", "edge", ""), map_named("c"), live);
}

}  // namespace

TEST_CASE("objects of nobody and of the service itself are no strangers") {
  CHECK_FALSE(verdict(""));
  CHECK_FALSE(verdict(new_inventory("web", "edge", "")->id));
}

TEST_CASE("a stranger is told with its service, or with its set where that is not found") {
  const auto known = verdict(new_inventory("other", "grn", "")->id);
  REQUIRE(known.has_value());
  CHECK(known->reason == kOtherSet);
  CHECK(known->message.find("service other of namespace grn") != std::string::npos);
  const auto unknown = verdict("applyset-of-somebody-v1");
  REQUIRE(unknown.has_value());
  CHECK(unknown->message.find("applyset-of-somebody-v1") != std::string::npos);
  CHECK(unknown->hint.find(kPartOfLabel) != std::string::npos);
}

TEST_CASE("members are known, others are asked for, and what is not there is null") {
  FakeCluster cluster;
  cluster.put(kMaps + "there", {{"metadata", {{"name", "there"}}}});
  std::vector<Wanted> wanted(3);
  wanted[0].ref = map_named("member");
  wanted[1].ref = map_named("there");
  wanted[2].ref = map_named("absent");
  const auto member = std::make_shared<const json>(json{{"x", 1}});
  const auto live = read_live(cluster.connect(), wanted, {{wanted[0].ref, member}});
  REQUIRE(live.has_value());
  CHECK((*live)[0] == member);
  REQUIRE((*live)[1]);
  CHECK((*(*live)[1])["metadata"]["name"] == "there");
  CHECK_FALSE((*live)[2]);
}

}  // namespace marvel::rollout
