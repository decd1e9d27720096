#include "deploy/scheduling/pod.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

Pod workload(const char* text) {
  const auto pod = pod_of_workload(nlohmann::json::parse(text));
  REQUIRE(pod.has_value());
  REQUIRE(pod->has_value());
  return **pod;
}

}  // namespace

TEST_CASE("a workload's pod is its template") {
  const Pod pod = workload(R"({"kind":"Deployment","metadata":{"name":"a","namespace":"n"},
    "spec":{"template":{"spec":{"nodeSelector":{"x":"y"},"containers":[{"ports":[{"hostPort":80}]}]}}}})");
  CHECK(pod.name == "a");
  CHECK(pod.node_selector.at("x") == "y");
  CHECK(pod.host_ports == std::vector<HostPort>{{"0.0.0.0", "TCP", 80}});
  CHECK(
      workload(
          R"({"kind":"CronJob","spec":{"jobTemplate":{"spec":{"template":{"spec":{"nodeName":"m"}}}}}})")
          .node_name == "m");
  CHECK_FALSE(pod_of_workload(nlohmann::json::parse(R"({"kind":"Service"})"))->has_value());
}

TEST_CASE("sidecars hold host ports, other init containers do not") {
  const Pod pod = workload(R"({"kind":"Pod","spec":{"hostNetwork":true,
    "containers":[{"ports":[{"containerPort":80}]}],
    "initContainers":[{"ports":[{"hostPort":81}]},
      {"restartPolicy":"Always",
       "ports":[{"containerPort":82},{"hostPort":83,"protocol":"UDP"}]}]}})");
  CHECK(pod.host_ports == std::vector<HostPort>{{"0.0.0.0", "TCP", 80},
                                                {"0.0.0.0", "TCP", 82},
                                                {"0.0.0.0", "UDP", 83}});
}

TEST_CASE("the tolerations that clusters add are there, once") {
  CHECK(workload(R"({"kind":"Pod"})").tolerations.size() == 2);
  CHECK(workload(R"({"kind":"Pod","spec":{"tolerations":[{"operator":"Exists"}]}})")
            .tolerations.size() == 1);
  const Taint cordon{"node.kubernetes.io/unschedulable", "", "NoSchedule", ""};
  CHECK(tolerated(workload(R"({"kind":"DaemonSet"})").tolerations, cordon));
}

TEST_CASE("what is not judged is named") {
  const Pod pod = workload(R"({"kind":"Pod","spec":{"affinity":{"podAntiAffinity":{}},
    "topologySpreadConstraints":[{}],"volumes":[{"persistentVolumeClaim":{"claimName":"c"}}]}})");
  CHECK(pod.unjudged ==
        std::vector<std::string>{"affinity between pods", "topology spread", "persistent volumes"});
}

TEST_CASE("a finished pod is known as such") {
  const auto pod =
      pod_from(nlohmann::json::parse(R"({"metadata":{"name":"p"},"status":{"phase":"Failed"}})"));
  REQUIRE(pod.has_value());
  CHECK(pod->finished);
}

}  // namespace marvel::scheduling
