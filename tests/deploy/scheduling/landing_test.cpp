#include "deploy/scheduling/landing.hpp"

#include <doctest/doctest.h>

namespace marvel::scheduling {
namespace {

Node node(const std::string& name, const std::string& arch) {
  Node node;
  node.name = name;
  node.labels = {{"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", arch}};
  node.allocatable = {{"cpu", 4000}, {"memory", 1 << 30}, {"pods", 110}};
  return node;
}

using Platforms = std::vector<std::string>;

}  // namespace

TEST_CASE("a pod may land on every platform of the nodes that take it") {
  CHECK(landing_platforms({}, {node("a", "arm64"), node("b", "amd64"), node("c", "arm64")}) ==
        Platforms{"linux/amd64", "linux/arm64"});
  CHECK(landing_platforms({}, {}).empty());
}

TEST_CASE("taints, selectors and sizes keep it away") {
  Node edge = node("edge", "arm64");
  edge.taints = {{"Layer", "GRNEDGE1", "NoSchedule", ""}};
  const Node cloud = node("cloud", "amd64");
  CHECK(landing_platforms({}, {edge, cloud}) == Platforms{"linux/amd64"});
  Pod pod;
  pod.tolerations = {{"Layer", "Equal", "GRNEDGE1", "NoSchedule", {}}};
  pod.node_selector = {{"kubernetes.io/arch", "arm64"}};
  CHECK(landing_platforms(pod, {edge, cloud}) == Platforms{"linux/arm64"});
  pod.requests = {{"cpu", 8000}};
  CHECK(landing_platforms(pod, {edge, cloud}).empty());
}

TEST_CASE("what passes by itself does not count") {
  Node away = node("away", "arm64");
  away.unschedulable = true;
  away.taints = {{"node.kubernetes.io/unreachable", "", "NoExecute", ""},
                 {"node.kubernetes.io/unschedulable", "", "NoSchedule", ""}};
  CHECK(landing_platforms({}, {away}) == Platforms{"linux/arm64"});
}

TEST_CASE("a node that does not say what it is counts as an ordinary one") {
  Node plain = node("plain", "arm64");
  plain.labels.clear();
  CHECK(landing_platforms({}, {plain}) == Platforms{"linux/amd64"});
}

}  // namespace marvel::scheduling
