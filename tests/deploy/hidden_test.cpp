#include "deploy/hidden.hpp"

#include "deploy/render.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using nlohmann::json;

constexpr const char* kTemplate = R"(apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: web
    args: ["--password", "${PASSWORD}"]
    env: [{name: DB, value: "db://${USER}:${PASSWORD}@host"}, {name: PLAIN, value: "${USER}"}]
    ports:
    - containerPort: ${PORT}
---
kind: Template
name: t
variables:
- {name: PASSWORD, secret: true, default: hunter2}
- {name: USER, default: anna}
- {name: PORT, secret: true, default: 8080}
)";

Object rendered() {
  const auto source = read_template(kTemplate, "t.yaml");
  REQUIRE(source.has_value());
  const auto all = render(*source, {});
  REQUIRE(all.has_value());
  return all->objects[0];
}

}  // namespace

TEST_CASE("a rendered object knows where its secrets stand and what is shown there") {
  CHECK(rendered().hidden() ==
        Hidden{{".spec.containers[name=web].args[1]", "********"},
               {".spec.containers[name=web].env[name=DB].value", "db://anna:********@host"},
               {".spec.containers[name=web].ports[0].containerPort", "********"}});
}

TEST_CASE("hiding masks those places and no others") {
  Object object = rendered();
  mask_all(object);
  const json& web = object.body()["spec"]["containers"][0];
  CHECK(web["args"] == json{"--password", "********"});
  CHECK(web["env"][0]["value"] == "db://anna:********@host");
  CHECK(web["env"][1]["value"] == "anna");
  CHECK(web["ports"][0]["containerPort"] == "********");
}

TEST_CASE("a place is found again among items that a server has added") {
  json body = rendered().body();
  auto& containers = body["spec"]["containers"];
  const json sidecar = {{"name", "sidecar"}, {"args", {"a", "b"}}};
  containers.insert(containers.begin(), sidecar);
  hide(body, rendered().hidden());
  CHECK(containers[0]["args"] == json{"a", "b"});
  CHECK(containers[1]["args"][1] == "********");
}

TEST_CASE("a map with secret keys is hidden as a whole") {
  CHECK(hidden_places(json{{"labels", {{"hunter2", "x"}}}},
                      json{{"labels", {{"********", "x"}}}}) == Hidden{{".labels", "********"}});
  CHECK(hidden_places(json{{"a.b", {{"c", 1}}}}, json{{"a.b", {{"c", 2}}}}) ==
        Hidden{{"[a.b].c", "********"}});
}

TEST_CASE("the texts of the places are the whole text and the secret in it") {
  const Object object = rendered();
  CHECK(hidden_texts(object.body(), object.hidden()) ==
        std::vector<std::string>{"hunter2", "hunter2", "db://anna:hunter2@host", "hunter2"});
}

TEST_CASE("quoted secrets are masked, as they are and as JSON writes them") {
  CHECK(masked("env: Invalid value: \"hunter2\"", {"hunter2"}) ==
        "env: Invalid value: \"********\"");
  CHECK(masked(R"(got "a\"b\\c")", {"a\"b\\c"}) == R"(got "********")");
  CHECK(masked("hunter22", {"hunter2", "hunter22"}) == "********");
  CHECK(masked("no hunt", {"hunter2"}) == "no hunt");
  CHECK(masked("a true word", {"a", ""}) == "a true word");
  json body = {{"list", {"x hunter2", 7}}};
  mask_texts(body, {"hunter2"});
  CHECK(body == json{{"list", {"x ********", 7}}});
}

}  // namespace marvel::deploy
