#include "deploy/rollout/newest_pods.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

json owned(const std::string& name, const std::string& owner, const json& labels = json::object()) {
  return {{"metadata",
           {{"name", name},
            {"uid", name},
            {"namespace", "edge"},
            {"labels", labels},
            {"ownerReferences", {{{"uid", owner}, {"controller", true}}}}}}};
}

json replica_set(const std::string& name, const std::string& owner, const std::string& revision) {
  json set = owned(name, owner);
  set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = revision;
  return set;
}

Member workload(const std::string& kind, const json& status = json::object()) {
  kube::Resource resource;
  resource.kind = kind;
  return {{resource, "edge", "web"},
          std::make_shared<const json>(
              json{{"kind", kind}, {"metadata", {{"uid", "web"}}}, {"status", status}})};
}

std::vector<std::string> names_of(FakeCluster& cluster, const Member& member) {
  kube::Client client(cluster.connect());
  NewestPods newest(client);
  const auto pods = newest.of(member);
  REQUIRE(pods.has_value());
  std::vector<std::string> names;
  for (const json* pod : *pods) {
    names.push_back((*pod)["metadata"]["name"]);
  }
  return names;
}

void put_pod(FakeCluster& cluster, const json& pod) {
  cluster.put("/api/v1/namespaces/edge/pods/" + pod["metadata"]["name"].get<std::string>(), pod);
}

}  // namespace

TEST_CASE("a Deployment's new pods are those of the ReplicaSet with the highest revision") {
  FakeCluster cluster;
  const std::string sets = "/apis/apps/v1/namespaces/edge/replicasets/";
  cluster.put(sets + "rs-a", replica_set("rs-a", "web", "9"));
  cluster.put(sets + "rs-b", replica_set("rs-b", "web", "10"));
  cluster.put(sets + "rs-c", replica_set("rs-c", "another", "11"));
  for (const char* name : {"rs-a", "rs-b", "rs-c"}) {
    put_pod(cluster, owned("pod-" + std::string(name), name));
  }
  CHECK(names_of(cluster, workload("Deployment")) == std::vector<std::string>{"pod-rs-b"});
}

TEST_CASE("a Deployment without a ReplicaSet has no new pods") {
  FakeCluster cluster;
  put_pod(cluster, owned("old", "web"));
  CHECK(names_of(cluster, workload("Deployment")).empty());
}

TEST_CASE("a StatefulSet's new pods carry its update revision") {
  FakeCluster cluster;
  put_pod(cluster, owned("web-0", "web", {{"controller-revision-hash", "old"}}));
  put_pod(cluster, owned("web-1", "web", {{"controller-revision-hash", "new"}}));
  put_pod(cluster, owned("other-1", "other", {{"controller-revision-hash", "new"}}));
  CHECK(names_of(cluster, workload("StatefulSet", {{"updateRevision", "new"}})) ==
        std::vector<std::string>{"web-1"});
}

TEST_CASE("an old pod that is not ready is in the way of a StatefulSet that goes in order") {
  const auto set = [](const json& spec) {
    return json{{"kind", "StatefulSet"},
                {"metadata", {{"uid", "web"}}},
                {"spec", spec},
                {"status", {{"updateRevision", "new"}}}};
  };
  const auto pod = [](const char* revision, const char* ready) {
    json one = owned("web-0", "web", {{"controller-revision-hash", revision}});
    one["status"]["conditions"] = {{{"type", "Ready"}, {"status", ready}}};
    return one;
  };
  const json in_order = set(json::object());
  CHECK(is_in_the_way(pod("old", "False"), in_order));
  CHECK(is_in_the_way(owned("web-0", "web"), in_order));
  CHECK_FALSE(is_in_the_way(pod("old", "True"), in_order));
  CHECK_FALSE(is_in_the_way(pod("new", "False"), in_order));
  json leaving = pod("old", "False");
  leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  CHECK_FALSE(is_in_the_way(leaving, in_order));
  json ended = pod("old", "False");
  ended["status"]["phase"] = "Failed";
  CHECK_FALSE(is_in_the_way(ended, in_order));
  json stranger = pod("old", "False");
  stranger["metadata"]["ownerReferences"][0]["uid"] = "other";
  CHECK_FALSE(is_in_the_way(stranger, in_order));
  for (const json& spec :
       {json{{"podManagementPolicy", "Parallel"}}, json{{"updateStrategy", {{"type", "OnDelete"}}}},
        json{{"updateStrategy", {{"rollingUpdate", {{"partition", 1}}}}}}}) {
    CHECK_FALSE(is_in_the_way(pod("old", "False"), set(spec)));
  }
}

TEST_CASE("a DaemonSet's new pods carry the hash of its newest ControllerRevision") {
  FakeCluster cluster;
  const std::string revisions = "/apis/apps/v1/namespaces/edge/controllerrevisions/";
  for (const auto& [name, number] : {std::pair("first", 1), std::pair("again", 3), {"second", 2}}) {
    json revision = owned(name, "web", {{"controller-revision-hash", name}});
    revision["revision"] = number;
    cluster.put(revisions + name, revision);
    put_pod(cluster,
            owned(std::string("pod-") + name, "web", {{"controller-revision-hash", name}}));
  }
  CHECK(names_of(cluster, workload("DaemonSet")) == std::vector<std::string>{"pod-again"});
}

TEST_CASE("all pods of a Job are new, and a Pod is its own") {
  FakeCluster cluster;
  put_pod(cluster, owned("run-1", "web"));
  put_pod(cluster, owned("run-2", "web"));
  put_pod(cluster, owned("stranger", "other"));
  CHECK(names_of(cluster, workload("Job")) == std::vector<std::string>{"run-1", "run-2"});
  const Member pod{{{}, "edge", "p"},
                   std::make_shared<const json>(json{{"metadata", {{"name", "p"}}}})};
  Member one = pod;
  one.ref.resource.kind = "Pod";
  CHECK(names_of(cluster, one) == std::vector<std::string>{"p"});
}

}  // namespace marvel::rollout
