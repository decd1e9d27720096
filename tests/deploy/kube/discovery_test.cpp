#include "deploy/kube/discovery.hpp"

#include "deploy/kube/script_server.hpp"

#include <atomic>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using test::ScriptServer;

constexpr const char* kAggregatedCore =
    R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[
  {"version":"v1","resources":[{"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["get"]}]}]}]})";
constexpr const char* kAggregatedApps =
    R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},"versions":[
  {"version":"v1","resources":[{"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced"}]},
  {"version":"v1beta1","resources":[{"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced"}]}]}]})";

std::string plain(const std::string& line) {
  if (line == "GET /api") {
    return R"({"kind":"APIVersions","versions":["v1"]})";
  }
  if (line == "GET /apis") {
    return R"({"kind":"APIGroupList","groups":[{"name":"apps","preferredVersion":{"groupVersion":"apps/v1"},
      "versions":[{"groupVersion":"apps/v1beta1"},{"groupVersion":"apps/v1"}]}]})";
  }
  if (line == "GET /apis/apps/v1") {
    return R"({"resources":[{"name":"deployments","kind":"Deployment","namespaced":true},
      {"name":"deployments/status","kind":"Deployment","namespaced":true}]})";
  }
  return R"({"resources":[{"name":"nodes","kind":"Node","namespaced":false}]})";
}

// Finds a few kinds by both ways and says where they are.
void look(ScriptServer& server, const char* core_kind, const char* core_path) {
  const StopFlag stop;
  Access access;
  access.cluster.server = server.url();
  Client client(*Connection::open(access, {}, std::chrono::seconds(5), stop));
  Discovery discovery(client);
  CHECK(discovery.find("apps/v1", "Deployment")->path("grn", "a b") ==
        "/apis/apps/v1/namespaces/grn/deployments/a%20b");
  CHECK(discovery.find("v1", core_kind)->path("") == core_path);
  CHECK(discovery.find_group_kind("Deployment.apps")->version == "v1");
  CHECK(discovery.find_group_kind("deployments.apps")->kind == "Deployment");
  CHECK(discovery.find("apps/v9", "Deployment").error().reason == "not_found");
  CHECK(discovery.find_group_kind("Thing.none").error().reason == "not_found");
}

}  // namespace

TEST_CASE("one answer for all groups is understood") {
  ScriptServer server([](const std::string& line) {
    return ScriptServer::json(200, line == "GET /api" ? kAggregatedCore : kAggregatedApps);
  });
  look(server, "Pod", "/api/v1/pods");
}

TEST_CASE("servers that answer group by group are asked so") {
  ScriptServer server([](const std::string& line) { return ScriptServer::json(200, plain(line)); });
  look(server, "Node", "/api/v1/nodes");
}

TEST_CASE("a kind that has just come is found by asking again, once") {
  std::atomic<int> asked{0};  // by the server's thread
  ScriptServer server([&asked](const std::string& line) {
    asked += line == "GET /apis" ? 1 : 0;
    return ScriptServer::json(200,
                              line == "GET /api" || asked < 2 ? kAggregatedCore : kAggregatedApps);
  });
  const StopFlag stop;
  Access access;
  access.cluster.server = server.url();
  Client client(*Connection::open(access, {}, std::chrono::seconds(5), stop));
  Discovery discovery(client);
  CHECK(discovery.find("v1", "Pod").has_value());
  CHECK(discovery.find("apps/v1", "Deployment").has_value());
  CHECK(asked == 2);
}

TEST_CASE("odd documents hold nothing") {
  for (const char* text :
       {"[]", "{}", "3", R"({"items":[1,{"versions":3}]})", R"({"resources":[[],{"name":1}]})"}) {
    CHECK(resources_of_aggregated(nlohmann::json::parse(text)).empty());
    CHECK(resources_of_list(nlohmann::json::parse(text), "v1").empty());
  }
}

}  // namespace marvel::kube
