#include "deploy/scheduling/verdict.hpp"

#include <doctest/doctest.h>

namespace marvel::scheduling {
namespace {

const Wording kNew(37);

Node node(const std::string& name) {
  Node made;
  made.name = name;
  made.allocatable = {{"cpu", 1000}, {"memory", 100}, {"pods", 2}};
  return made;
}

std::vector<std::string> reasons(const Pod& pod, const Node& on, const NodeUse& use = {}) {
  return judge(pod, on, use, kNew).reasons;
}

}  // namespace

TEST_CASE("amounts equal to what is free fit, one more does not") {
  Pod pod;
  pod.requests = {{"cpu", 600}, {"memory", 100}};
  NodeUse use{{{"cpu", 400}}, 1, {}};
  CHECK(reasons(pod, node("n"), use).empty());
  use.requested["cpu"] = 401;
  use.requested["memory"] = 1;
  CHECK(reasons(pod, node("n"), use) ==
        std::vector<std::string>{"Insufficient cpu", "Insufficient memory"});
  use = {{}, 2, {}};
  CHECK(reasons(pod, node("n"), use) == std::vector<std::string>{"Too many pods"});
}

TEST_CASE("the first filter that refuses speaks") {
  Node both = node("n");
  both.taints = {{"Layer", "E", "NoSchedule", ""}};
  Pod pod;
  pod.node_selector = {{"x", "y"}};
  CHECK(reasons(pod, both) == std::vector<std::string>{"node(s) had untolerated taint(s)"});
  pod.tolerations = {{"Layer", "Exists", "", "", {}}};
  CHECK(reasons(pod, both) ==
        std::vector<std::string>{"node(s) didn't match Pod's node affinity/selector"});
  both.unschedulable = true;
  CHECK(reasons(pod, both) == std::vector<std::string>{"node(s) were unschedulable"});
}

TEST_CASE("a pod that names nodes leaves the others out") {
  Pod pod;
  pod.affinity = NodeSelector{{{}, {{"metadata.name", "In", {"m"}}}}};
  CHECK(reasons(pod, node("n")) ==
        std::vector<std::string>{"node(s) didn't satisfy plugin(s) [NodeAffinity]"});
  CHECK(reasons(pod, node("m")).empty());
}

TEST_CASE("host ports clash on the same address or on all") {
  Pod pod;
  pod.host_ports = {{"0.0.0.0", "TCP", 80}};
  CHECK(reasons(pod, node("n"), {{}, 0, {{"127.0.0.1", "TCP", 80}}}).size() == 1);
  CHECK(reasons(pod, node("n"), {{}, 0, {{"127.0.0.1", "UDP", 80}}}).empty());
  pod.host_ports = {{"10.0.0.1", "TCP", 80}};
  CHECK(reasons(pod, node("n"), {{}, 0, {{"127.0.0.1", "TCP", 80}}}).empty());
}

TEST_CASE("finished and unbound pods take nothing") {
  Pod running;
  running.node_name = "n";
  running.requests = {{"cpu", 10}};
  Pod finished = running;
  finished.finished = true;
  const auto use = use_of_nodes({running, running, finished, Pod{}});
  REQUIRE(use.size() == 1);
  CHECK(use.at("n").requested.at("cpu") == 20);
  CHECK(use.at("n").pods == 2);
}

TEST_CASE("the summary has the scheduler's words of each version") {
  Node edge = node("edge");
  edge.taints = {{"Layer", "GRNEDGE1", "NoSchedule", ""}};
  Pod pod;
  pod.node_selector = {{"Layer", "x"}};
  const Wording old(20);
  CHECK(summary({judge(pod, edge, {}, old), judge(pod, node("a"), {}, old),
                 judge(pod, node("b"), {}, old)}) ==
        "0/3 nodes are available: 1 node(s) had taint {Layer: GRNEDGE1}, that the pod didn't "
        "tolerate, 2 node(s) didn't match Pod's node affinity.");
  CHECK(Wording(30).untolerated(edge.taints[0]) ==
        "node(s) had untolerated taint {Layer: GRNEDGE1}");
}

}  // namespace marvel::scheduling
