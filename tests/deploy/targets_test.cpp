#include "deploy/targets.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

const Targets kEdge{{{"Layer", "GRNEDGE1"}}, {}, {}};

Object pod(const std::string& spec) {
  return read_manifests("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n" + spec, "p.yaml")
      .value()[0];
}

Json aimed(const std::string& spec, const Targets& targets = kEdge) {
  Object object = pod(spec);
  const Status done = add_targets(object, targets);
  REQUIRE_MESSAGE(done.has_value(), done.error().message);
  return object.body()["spec"];
}

Json terms(const Json& spec) {
  return spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
             ["nodeSelectorTerms"];
}

const Json kLayer = {{"key", "Layer"}, {"operator", "In"}, {"values", {"GRNEDGE1"}}};
constexpr const char* kPlain = "  containers: [{name: c}]\n";

std::string affinity(const std::string& list) {
  return std::string(kPlain) +
         "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
         "{nodeSelectorTerms: " +
         list + "}}}\n";
}

}  // namespace

TEST_CASE("a layer is listings 31 and 33 together, nested right") {
  const Json spec = aimed(kPlain);
  CHECK(spec["tolerations"] ==
        Json{{{"key", "Layer"}, {"operator", "Equal"}, {"value", "GRNEDGE1"}}});
  CHECK(terms(spec) == Json{{{"matchExpressions", {kLayer}}}});
}

TEST_CASE("aiming twice changes nothing") {
  Object object = pod(kPlain);
  REQUIRE(add_targets(object, kEdge).has_value());
  const Json once = object.body();
  REQUIRE(add_targets(object, kEdge).has_value());
  CHECK(object.body() == once);
}

TEST_CASE("every existing alternative is narrowed, none is added") {
  const Json spec =
      aimed(affinity("[{matchExpressions: [{key: gpu, operator: Exists}]}, "
                     "{matchExpressions: [{key: zone, operator: In, values: [a]}]}]"));
  REQUIRE(terms(spec).size() == 2);
  for (const Json& term : terms(spec)) {
    REQUIRE(term["matchExpressions"].size() == 2);
    CHECK(term["matchExpressions"][1] == kLayer);
  }
}

TEST_CASE("an alternative that no target node meets goes, and with the last one the target fails") {
  const std::string other = "{matchExpressions: [{key: Layer, operator: In, values: [CLOUD]}]}";
  CHECK(terms(aimed(affinity("[" + other + ", {matchExpressions: [{key: a, operator: Exists}]}]")))
            .size() == 1);
  Object object = pod(affinity("[" + other + "]"));
  const Status done = add_targets(object, kEdge);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == Errc::kConflict);
  CHECK(done.error().message.find("p.yaml:6:") == 0);
}

TEST_CASE("an empty alternative matches nothing and is not made to match") {
  Object object = pod(affinity("[{}]"));
  CHECK_FALSE(add_targets(object, kEdge).has_value());
}

TEST_CASE("a nodeSelector that contradicts is told with its place") {
  Object object = pod(std::string(kPlain) + "  nodeSelector: {Layer: CLOUD}\n");
  const Status done = add_targets(object, kEdge);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message ==
        "p.yaml:6:25: Pod/p: nodeSelector asks for Layer=CLOUD, the target for Layer=GRNEDGE1");
  CHECK(aimed(std::string(kPlain) + "  nodeSelector: {Layer: GRNEDGE1}\n")["nodeSelector"] ==
        Json{{"Layer", "GRNEDGE1"}});
}

TEST_CASE("tolerations that cover the taint are not doubled") {
  const auto count = [](const std::string& list) {
    return aimed(std::string(kPlain) + "  tolerations: " + list + "\n")["tolerations"].size();
  };
  CHECK(count("[{operator: Exists}]") == 1);
  CHECK(count("[{key: Layer, operator: Exists}]") == 1);
  CHECK(count("[{key: Layer, value: GRNEDGE1}]") == 1);
  CHECK(count("[{key: Layer, value: GRNEDGE1, effect: NoSchedule}]") == 2);
  CHECK(count("[{key: Layer, value: OTHER}]") == 2);
}

TEST_CASE("several nodes are alternatives, several layers of a key too") {
  const Json nodes = terms(aimed(kPlain, {{}, {"n1", "n2"}, {}}));
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1]["matchFields"] ==
        Json{{{"key", "metadata.name"}, {"operator", "In"}, {"values", {"n2"}}}});
  const Json layers = aimed(kPlain, {{{"Layer", "A"}, {"Layer", "B"}}, {}, {}});
  CHECK(terms(layers)[0]["matchExpressions"][0]["values"] == Json{"A", "B"});
  CHECK(layers["tolerations"].size() == 2);
}

TEST_CASE("every kind with pods has its pods aimed, others stay") {
  const std::string text = "{spec: {template: {spec: {containers: []}}}}";
  for (const char* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}) {
    CAPTURE(kind);
    Object object(Json{{"kind", kind}, {"spec", {{"template", {{"spec", Json::object()}}}}}});
    REQUIRE(add_targets(object, kEdge).has_value());
    CHECK(object.body()["spec"]["template"]["spec"].contains("affinity"));
  }
  Object job(Json::parse(
      R"({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}})"));
  REQUIRE(add_targets(job, kEdge).has_value());
  CHECK(job.body()["spec"]["jobTemplate"]["spec"]["template"]["spec"].contains("tolerations"));
  const Json service = {{"kind", "Service"}, {"spec", Json::object()}};
  Object other(service);
  REQUIRE(add_targets(other, kEdge).has_value());
  CHECK(other.body() == service);
}

TEST_CASE("fields of the wrong type are refused, whatever they are") {
  for (const char* text :
       {"  affinity: 3\n", "  affinity: {nodeAffinity: []}\n", "  tolerations: {}\n",
        "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "{nodeSelectorTerms: [{matchExpressions: [{key: 3}]}]}}}\n",
        "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "{nodeSelectorTerms: [{matchExpressions: 3}]}}}\n"}) {
    CAPTURE(text);
    Object object = pod(std::string(kPlain) + text);
    const Status done = add_targets(object, kEdge);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message.find("p.yaml:") == 0);
  }
}

TEST_CASE("layers and nodes are labels and names of Kubernetes") {
  CHECK(read_layer("GRNEDGE1")->key == "Layer");
  CHECK(read_layer("example.com/zone=a")->key == "example.com/zone");
  for (const char* text : {"", "=", "a=", "-a=b", "A/b=c", "a=b=c", "a b", "x="}) {
    CAPTURE(text);
    CHECK_FALSE(read_layer(text).has_value());
  }
  CHECK(check_node_name("edge-1.grn").has_value());
  CHECK_FALSE(check_node_name("Edge_1").has_value());
}

}  // namespace marvel::deploy
