#include "deploy/rollout/old_servers.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

json written(json object) {
  write_for_old_servers(object);
  return object;
}

}  // namespace

TEST_CASE("ports without a protocol are TCP, in Services and in every kind with pods") {
  const json service = json::parse(R"({"apiVersion":"v1","kind":"Service","spec":{"ports":
    [{"port":80},{"port":53,"protocol":"UDP"}]}})");
  const json ports = written(service)["spec"]["ports"];
  CHECK(ports[0]["protocol"] == "TCP");
  CHECK(ports[1]["protocol"] == "UDP");

  const json job = json::parse(R"({"apiVersion":"batch/v1","kind":"CronJob","spec":{"jobTemplate":
    {"spec":{"template":{"spec":{"initContainers":[{"name":"i","ports":[{"containerPort":1}]}],
    "containers":[{"name":"c"},{"name":"d","ports":[{"containerPort":2}]}]}}}}}})");
  const json pod = written(job)["spec"]["jobTemplate"]["spec"]["template"]["spec"];
  CHECK(pod["initContainers"][0]["ports"][0]["protocol"] == "TCP");
  CHECK(pod["containers"][1]["ports"][0]["protocol"] == "TCP");
  CHECK_FALSE(pod["containers"][0].contains("ports"));
}

TEST_CASE("quantities that are numbers become text, wherever a built-in kind has them") {
  const json set = written(json::parse(R"({"apiVersion":"apps/v1","kind":"StatefulSet","spec":{
    "volumeClaimTemplates":[{"spec":{"resources":{"requests":{"storage":1000}}}}],
    "template":{"spec":{"volumes":[{"emptyDir":{"sizeLimit":64}},{"emptyDir":{}}],
    "containers":[{"resources":{"requests":{"cpu":1,"memory":"8Mi"},"limits":{"cpu":0.5}}}]}}}})"));
  CHECK(set["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] ==
        "1000");
  const json pod = set["spec"]["template"]["spec"];
  CHECK(pod["volumes"][0]["emptyDir"]["sizeLimit"] == "64");
  CHECK(pod["containers"][0]["resources"]["requests"] == json{{"cpu", "1"}, {"memory", "8Mi"}});
  CHECK(pod["containers"][0]["resources"]["limits"]["cpu"] == "0.5");

  const json quota = written(
      json::parse(R"({"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"pods":3}}})"));
  CHECK(quota["spec"]["hard"]["pods"] == "3");
  const json volume = written(json::parse(
      R"({"apiVersion":"v1","kind":"PersistentVolume","spec":{"capacity":{"storage":5}}})"));
  CHECK(volume["spec"]["capacity"]["storage"] == "5");
  const json claim = written(json::parse(
      R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","spec":{"resources":{"requests":{"storage":5}}}})"));
  CHECK(claim["spec"]["resources"]["requests"]["storage"] == "5");
}

TEST_CASE("what is no such field stays as it is") {
  for (
      const char* const text : {
          R"({"apiVersion":"serving.knative.dev/v1","kind":"Service","spec":{"ports":[{"port":1}]}})",
          R"({"apiVersion":"v1","kind":"ConfigMap","spec":{"ports":[{"port":1}]}})",
          R"({"apiVersion":"v1","kind":"Service","spec":{"ports":"80"}})",
          R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[80]}})",
          R"({"apiVersion":"v1","kind":"Service","spec":null})",
          R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":3}})",
          R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":{"name":"c"}}})",
      }) {
    CAPTURE(text);
    CHECK(written(json::parse(text)) == json::parse(text));
  }
}

}  // namespace marvel::rollout
