#include "deploy/taint/check.hpp"

#include "deploy/kube/script_server.hpp"

#include <utility>

#include <doctest/doctest.h>

namespace marvel::taint {
namespace {

using test::ScriptServer;

// Two nodes of 2 CPUs, and pods a and b of 1.5 CPUs, one on each.
std::string two_full_nodes(const std::string& request_line) {
  const auto node = [](const std::string& name) {
    return R"({"metadata":{"name":")" + name +
           R"("},"status":{"allocatable":{"cpu":"2","pods":"10"}}})";
  };
  const auto pod = [](const std::string& name, const std::string& where) {
    return R"({"metadata":{"namespace":"s","name":")" + name + R"("},"spec":{"nodeName":")" +
           where + R"(","containers":[{"resources":{"requests":{"cpu":"1500m"}}}]}})";
  };
  const bool asks_version = request_line.find("/version") != std::string::npos;
  const bool asks_nodes = request_line.find("/nodes") != std::string::npos;
  const std::string items =
      asks_nodes ? node("n1") + "," + node("n2") : pod("a", "n1") + "," + pod("b", "n2");
  return ScriptServer::json(200,
                            asks_version ? R"({"minor":"37"})" : R"({"items":[)" + items + "]}");
}

}  // namespace

TEST_CASE("a file's workloads are its pods, and other objects are not") {
  const auto pods = pods_of_file(
      "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\n"
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: "
      "{nodeName: n}}}\n",
      "f.yaml");
  REQUIRE(pods.has_value());
  REQUIRE(pods->size() == 1);
  CHECK(pods->front().name == "d");
  CHECK(pods->front().node_name == "n");
  CHECK(pods_of_file("apiVersion: v1\nkind: Service\nmetadata: {name: s}\n", "f").error().reason ==
        "manifest_invalid");
}

TEST_CASE("a check lists who takes the pod, or the scheduler's message") {
  ClusterState cluster;
  cluster.minor_version = 37;
  cluster.nodes.resize(2);
  cluster.nodes[0].name = "a";
  cluster.nodes[0].allocatable = {{"pods", 1}};
  cluster.nodes[1].name = "b";
  cluster.nodes[1].taints = {{"k", "", "NoSchedule", ""}};
  scheduling::Pod pod;
  CHECK(check(pod, cluster).fits == std::vector<std::string>{"a"});
  cluster.use["a"].pods = 1;
  CHECK(check(pod, cluster).message ==
        "0/2 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint(s).");
  CHECK(check(pod, {}).message == "no nodes available to schedule pods");
}

TEST_CASE("the anti-affinity of a pod that runs is told, but not its own to itself") {
  scheduling::Pod running;
  running.namespace_name = "s";
  running.name = "p";
  running.node_name = "a";
  running.keeps_others_away = true;
  ClusterState cluster;
  cluster.nodes.resize(1);
  cluster.nodes[0].name = "a";
  cluster.asked = {running};
  scheduling::Pod pod = running;
  pod.node_name.clear();
  CHECK(check(pod, cluster).pod.unjudged.empty());
  pod.name = "new";
  CHECK(check(pod, cluster).pod.unjudged == std::vector<std::string>{"affinity between pods"});
}

TEST_CASE("running pods that are checked together are in each other's way, not in their own") {
  ScriptServer server(two_full_nodes);
  const StopFlag stop;
  kube::Access access;
  access.cluster.server = server.url();
  kube::Client client(*kube::Connection::open(access, {}, std::chrono::seconds(5), stop));
  const auto cluster = read_cluster(client, {"s/a", "s/b"});
  REQUIRE(cluster.has_value());
  REQUIRE(cluster->asked.size() == 2);
  for (scheduling::Pod pod : cluster->asked) {
    const std::string own_node = std::exchange(pod.node_name, {});
    CHECK(check(pod, *cluster).fits == std::vector<std::string>{own_node});
    pod.name = "new";
    CHECK(check(pod, *cluster).message == "0/2 nodes are available: 2 Insufficient cpu.");
  }
}

TEST_CASE("only new NoExecute taints make pods leave, the soonest counts") {
  scheduling::Pod pod;
  pod.namespace_name = "s";
  pod.name = "p";
  pod.node_name = "n";
  const scheduling::Taint fire{"fire", "", "NoExecute", ""};
  const scheduling::Taint water{"water", "", "NoExecute", ""};
  CHECK(evictions({pod}, "n", {fire}, {fire}).empty());
  CHECK(evictions({pod}, "m", {}, {fire}).empty());
  CHECK(evictions({pod}, "n", {}, {{"x", "", "NoSchedule", ""}}).empty());
  pod.tolerations = {{"fire", "Exists", "", "", 60}, {"water", "Exists", "", "", 30}};
  const auto leaving = evictions({pod}, "n", {}, {fire, water});
  REQUIRE(leaving.size() == 1);
  CHECK(leaving.front().pod == "s/p");
  CHECK(leaving.front().after_seconds == 30);
}

}  // namespace marvel::taint
