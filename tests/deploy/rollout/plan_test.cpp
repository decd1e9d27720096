#include "deploy/rollout/plan.hpp"

#include "deploy/kube/script_server.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::ScriptServer;

std::string served(const std::string& line) {
  if (line == "GET /api") {
    return R"({"versions":["v1"]})";
  }
  if (line == "GET /apis") {
    return R"({"groups":[{"preferredVersion":{"groupVersion":"apps/v1"}},
      {"preferredVersion":{"groupVersion":"apiextensions.k8s.io/v1"}}]})";
  }
  if (line == "GET /apis/apps/v1") {
    return R"({"resources":[{"name":"deployments","kind":"Deployment","namespaced":true}]})";
  }
  if (line == "GET /api/v1") {
    return R"({"resources":[{"name":"namespaces","kind":"Namespace"},{"name":"configmaps","kind":"ConfigMap","namespaced":true}]})";
  }
  return R"({"resources":[{"name":"customresourcedefinitions","kind":"CustomResourceDefinition"}]})";
}

Result<std::vector<Wanted>> prepared(const std::vector<json>& bodies) {
  ScriptServer server(
      [](const std::string& line) { return ScriptServer::json(200, served(line)); });
  const StopFlag stop;
  kube::Access access;
  access.cluster.server = server.url();
  kube::Client client(*kube::Connection::open(access, {}, std::chrono::seconds(5), stop));
  kube::Discovery discovery(client);
  std::vector<deploy::Object> objects;
  for (const auto& body : bodies) {
    objects.emplace_back(body);
  }
  return prepare(objects, *new_inventory("grn", "edge", ""), discovery);
}

json object(const std::string& version, const std::string& kind, const std::string& name) {
  return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

Member member(const std::string& kind, const std::string& name, const json& body = json::object()) {
  kube::Resource resource;
  resource.kind = kind;
  return {{resource, "edge", name}, std::make_shared<const json>(body)};
}

}  // namespace

TEST_CASE("objects get the namespace and the label of the set, and go in steps") {
  const auto wanted = prepared({object("apps/v1", "Deployment", "d"),
                                object("v1", "ConfigMap", "c"), object("v1", "Namespace", "edge")});
  REQUIRE(wanted.has_value());
  CHECK((*wanted)[0].ref.text() == "Namespace edge");
  CHECK((*wanted)[1].ref.text() == "ConfigMap edge/c");
  CHECK((*wanted)[2].ref.path() == "/apis/apps/v1/namespaces/edge/deployments/d");
  const json body = json::parse((*wanted)[2].body);
  CHECK(body["metadata"]["namespace"] == "edge");
  CHECK(body["metadata"]["labels"][kPartOfLabel] == new_inventory("grn", "edge", "")->id);
  const Inventory all = extended(*new_inventory("grn", "edge", ""), *wanted);
  CHECK(all.kinds == std::vector<std::string>{"ConfigMap", "Deployment.apps", "Namespace"});
  CHECK(all.spaces.empty());
}

TEST_CASE("objects that cannot be members are refused") {
  CHECK(prepared({object("v1", "ConfigMap", "")}).error().message.find("has no name") !=
        std::string::npos);
  CHECK(prepared({object("v1", "ConfigMap", "c"), object("v1", "ConfigMap", "c")})
            .error()
            .message.find("twice") != std::string::npos);
  json labelled = object("v1", "ConfigMap", "c");
  labelled["metadata"]["labels"][kPartOfLabel] = "x";
  CHECK(prepared({labelled}).error().message.find("carries the label") != std::string::npos);
  CHECK(prepared({object("none/v1", "Thing", "t")}).error().reason == "manifest_invalid");
  for (const json& labels : {json::array({"a"}), json("a"), json(1)}) {
    json listed = object("v1", "ConfigMap", "c");
    listed["metadata"]["labels"] = labels;
    CHECK(prepared({listed}).error().message.find("ConfigMap/c has labels that are no mapping") !=
          std::string::npos);
  }
  json empty = object("v1", "ConfigMap", "c");
  empty["metadata"]["labels"] = nullptr;
  CHECK(prepared({empty}).has_value());
}

TEST_CASE("a kind may come with its definition") {
  json definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.none");
  definition["spec"] = {{"group", "none"}, {"names", {{"kind", "Thing"}}}};
  const auto wanted = prepared({object("none/v1", "Thing", "t"), definition});
  REQUIRE(wanted.has_value());
  CHECK((*wanted)[0].ref.resource.kind == "CustomResourceDefinition");
  CHECK((*wanted)[1].unknown_kind);
  CHECK((*wanted)[1].ref.text() == "Thing edge/t");
}

TEST_CASE("a kind that comes with its definition lives where that says") {
  json definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.none");
  definition["spec"] = {{"group", "none"}, {"scope", "Cluster"}, {"names", {{"kind", "Thing"}}}};
  const auto wanted = prepared({object("none/v1", "Thing", "t"), definition});
  REQUIRE(wanted.has_value());
  CHECK((*wanted)[1].ref.text() == "Thing t");
  CHECK_FALSE(json::parse((*wanted)[1].body)["metadata"].contains("namespace"));
}

TEST_CASE("what servers write into an object is not sent back") {
  json read = object("v1", "ConfigMap", "c");
  read["metadata"].update({{"uid", "u"},
                           {"resourceVersion", "7"},
                           {"generation", 2},
                           {"selfLink", "/c"},
                           {"creationTimestamp", "2026-01-01T00:00:00Z"},
                           {"deletionTimestamp", "2026-01-01T00:00:00Z"},
                           {"deletionGracePeriodSeconds", 30},
                           {"managedFields", json::array()}});
  read["status"] = {{"ready", true}};
  CHECK((*prepared({read}))[0].body == (*prepared({object("v1", "ConfigMap", "c")}))[0].body);
}

TEST_CASE("the inventory notes what is wanted but for Jobs that go by themselves") {
  Wanted job;
  job.ref = member("Job", "once").ref;
  job.body = R"({"kind":"Job"})";
  Wanted passing = job;
  passing.ref.name = "passing";
  passing.body = R"({"kind":"Job","spec":{"ttlSecondsAfterFinished":0}})";
  job.hidden = {{".spec.x", "********"}};
  Inventory inventory = *new_inventory("grn", "edge", "");
  inventory.hidden["Pod edge/old"] = {{".spec.y", "********"}};
  note_wanted(inventory, {passing, job});
  REQUIRE(inventory.wanted.has_value());
  REQUIRE(inventory.wanted->size() == 1);
  CHECK(inventory.wanted->front().name == "once");
  CHECK(inventory.hidden.size() == 2);
  CHECK(places_of({passing, job}) == HiddenPlaces{{"Job edge/once", job.hidden}});
}

TEST_CASE("surplus members go last step first, and never those of a controller") {
  const std::vector<Member> members{member("ConfigMap", "c"), member("Deployment", "d"),
                                    member("Namespace", "n")};
  const auto rest = surplus(members, {});
  REQUIRE(rest.size() == 3);
  CHECK(rest.front().ref.name == "d");
  CHECK(rest.back().ref.name == "n");
  Wanted kept;
  kept.ref = members[1].ref;
  CHECK(surplus(members, {kept}).size() == 2);
  CHECK(check_prunable(members).has_value());
  CHECK_FALSE(
      check_prunable(
          {member("Pod", "p", {{"metadata", {{"ownerReferences", {{{"controller", true}}}}}}})})
          .has_value());
}

}  // namespace marvel::rollout
