#include "deploy/rollout/follow_pods.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <csignal>

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kPods = "/api/v1/namespaces/edge/pods/";
const std::string kDeployments = "/apis/apps/v1/namespaces/edge/deployments/";

Inventory web() {
  Inventory inventory = *new_inventory("web", "edge", "");
  inventory.kinds = {"Deployment.apps"};
  return inventory;
}

json pod(const std::string& name, const std::string& app) {
  return {{"metadata",
           {{"name", name}, {"uid", name}, {"namespace", "edge"}, {"labels", {{"app", app}}}}}};
}

void put_deployment(FakeCluster& cluster, const std::string& app) {
  cluster.put(
      kDeployments + app,
      {{"metadata", {{"name", app}, {"namespace", "edge"}, {"labels", {{kPartOfLabel, web().id}}}}},
       {"spec", {{"selector", {{"matchLabels", {{"app", app}}}}}}}});
}

std::string event(const char* type, const json& object) {
  return json{{"type", type}, {"object", object}}.dump() + "\n";
}

// Names of the pods that came, "|" after what came at once, until the watches of `script` are over.
std::string followed(FakeCluster& cluster, const std::vector<std::function<std::string()>>& script,
                     Status* status = nullptr) {
  StopFlag stop;
  std::size_t step = 0;
  cluster.on_watch = [&](const std::string&) {
    if (step == script.size()) {
      stop.raise(SIGTERM);
      return std::string();
    }
    return script[step++]();
  };
  std::string seen;
  const Status ended = follow_pods(
      cluster.connect(), web(), "edge",
      [&seen](const Pods& pods) {
        for (const json& one : pods) {
          seen += one["metadata"]["name"].get<std::string>() + " ";
        }
        seen += "| ";
        return Status();
      },
      stop);
  if (status != nullptr) {
    *status = ended;
  } else {
    CHECK(ended.has_value());
  }
  return seen;
}

}  // namespace

TEST_CASE("a service's pods come at once, then each as it comes or changes, and no stranger") {
  FakeCluster cluster;
  put_deployment(cluster, "web");
  for (const json& one : {pod("a", "web"), pod("b", "web"), pod("x", "other")}) {
    cluster.put(kPods + one["metadata"]["name"].get<std::string>(), one);
  }
  CHECK(followed(cluster, {[] {
                   return event("ADDED", pod("c", "web")) + event("ADDED", pod("y", "other")) +
                          event("MODIFIED", pod("a", "web")) +
                          event("MODIFIED", pod("x", "other")) + event("DELETED", pod("b", "web"));
                 }}) == "a b | c | a | ");
}

TEST_CASE("pods of a workload that comes later are of the service") {
  FakeCluster cluster;
  put_deployment(cluster, "web");
  CHECK(followed(cluster, {[&cluster] {
                   put_deployment(cluster, "late");
                   return event("ADDED", pod("l", "late"));
                 }}) == "| l | ");
}

TEST_CASE("after a gap all pods come again") {
  FakeCluster cluster;
  put_deployment(cluster, "web");
  cluster.put(kPods + "a", pod("a", "web"));
  CHECK(followed(cluster, {[&cluster] {
                   cluster.put(kPods + "b", pod("b", "web"));
                   return event("ERROR", {{"kind", "Status"}, {"code", 410}});
                 }}) == "a | a b | ");
}

TEST_CASE("a pod whose owner could not be looked up comes again") {
  FakeCluster cluster;
  put_deployment(cluster, "web");
  int looks = 0;
  cluster.fail = [&looks](const std::string& path) {
    return path.find("deployments") != std::string::npos && ++looks == 2 ? 503 : 0;
  };
  const auto both = [] {
    return event("ADDED", pod("x", "other")) + event("ADDED", pod("a", "web"));
  };
  CHECK(followed(cluster, {both, both}) == "| a | ");
}

TEST_CASE("a refusal ends it") {
  FakeCluster cluster;
  cluster.fail = [](const std::string& path) { return path.ends_with("/pods") ? 403 : 0; };
  Status status;
  CHECK(followed(cluster, {}, &status).empty());
  CHECK(status.error().reason == "forbidden");
}

}  // namespace marvel::rollout
