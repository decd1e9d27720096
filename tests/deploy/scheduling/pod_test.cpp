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
  CHECK(
      workload(R"({"kind":"Pod","spec":{"schedulingGates":[{"name":"g"}],"resourceClaims":[{}]}})")
          .unjudged == std::vector<std::string>{"resource claims", "scheduling gates"});
  CHECK(workload(R"({"kind":"StatefulSet","spec":{"volumeClaimTemplates":[{}],"template":{"spec":
    {"volumes":[{"ephemeral":{}},{"ephemeral":{}}]}}}})")
            .unjudged == std::vector<std::string>{"persistent volumes"});
}

TEST_CASE("what a cluster adds to pods of a file is named, and is there in its own pods") {
  const std::vector<std::string> both{"nodes and overhead of the runtime class",
                                      "default requests of a LimitRange"};
  const char* const open = R"({"kind":"Pod","metadata":{"name":"p"},"spec":{
    "runtimeClassName":"kata","containers":[{"resources":{"requests":{"cpu":"1"}}}]}})";
  CHECK(workload(open).unjudged == both);
  CHECK(pod_from(nlohmann::json::parse(open))->unjudged.empty());
  for (
      const char* const full :
      {R"({"kind":"Pod","spec":{"containers":[{"resources":{"limits":{"cpu":"1","memory":"1"}}}]}})",
       R"({"kind":"Pod","spec":{"resources":{"requests":{"cpu":"1","memory":"1"}},"containers":[{}]}})",
       R"({"kind":"Pod","spec":{"containers":[]}})"}) {
    CAPTURE(full);
    CHECK(workload(full).unjudged.empty());
  }
}

TEST_CASE("a pod keeps others away by required anti-affinity only") {
  const auto keeps = [](const std::string& anti_affinity) {
    return workload(
               (R"({"kind":"Pod","spec":{"affinity":{"podAntiAffinity":)" + anti_affinity + "}}}")
                   .c_str())
        .keeps_others_away;
  };
  CHECK(keeps(R"({"requiredDuringSchedulingIgnoredDuringExecution":[{}]})"));
  CHECK_FALSE(keeps(R"({"preferredDuringSchedulingIgnoredDuringExecution":[{}]})"));
  CHECK_FALSE(workload(R"({"kind":"Pod"})").keeps_others_away);
}

TEST_CASE("a finished pod is known as such") {
  const auto pod =
      pod_from(nlohmann::json::parse(R"({"metadata":{"name":"p"},"status":{"phase":"Failed"}})"));
  REQUIRE(pod.has_value());
  CHECK(pod->finished);
}

}  // namespace marvel::scheduling
