#include "deploy/openapi.hpp"

#include "deploy/kubernetes_schema.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using nlohmann::json;

json reference(const std::string& name) {
  return {{"$ref", "#/components/schemas/" + name}};
}

json kind(const std::string& group, const std::string& version, const std::string& name) {
  return json::array({{{"group", group}, {"version", version}, {"kind", name}}});
}

json robot() {
  return json::parse(R"({
    "type": "object",
    "required": ["spec"],
    "properties": {
      "apiVersion": {"type": "string"}, "kind": {"type": "string"},
      "metadata": {"allOf": [{"$ref": "#/components/schemas/io.k8s.meta.v1.ObjectMeta"}]},
      "spec": {"type": "object", "required": ["arms"], "properties": {
        "arms": {"type": "integer"}, "weight": {"type": "number"}, "on": {"type": "boolean"},
        "port": {"x-kubernetes-int-or-string": true},
        "tools": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "bare": {"type": "object"}, "odd name": {"type": "string"}}},
      "status": {"type": "object", "properties": {"phase": {"type": "string"}}}}})");
}

json document() {
  json one = robot();
  one["x-kubernetes-group-version-kind"] = kind("example.com", "v1", "Robot");
  return {{"components",
           {{"schemas",
             {{"com.example.v1.Robot", one},
              {"io.k8s.meta.v1.ObjectMeta",
               {{"type", "object"}, {"properties", {{"name", {{"type", "string"}}}}}}}}}}}};
}

FieldType walk(FieldType type, const std::vector<std::string>& path) {
  for (const auto& part : path) {
    const auto next = part == "[]" ? std::optional(type.element()) : type.field(part);
    REQUIRE_MESSAGE(next.has_value(), part);
    type = *next;
  }
  return type;
}

}  // namespace

TEST_CASE("a custom kind has the fields of its schema, to the inside") {
  const Schema schema(table_of_openapi({document()}));
  const FieldType type = schema.type("example.com/v1", "Robot");
  REQUIRE(type.kind() == FieldKind::kObject);
  CHECK(type.required_fields() ==
        std::vector<std::string>{"apiVersion", "kind", "metadata", "spec"});
  CHECK(walk(type, {"metadata", "name"}).kind() == FieldKind::kText);
  CHECK_FALSE(walk(type, {"metadata"}).field("nothing"));
  const FieldType spec = walk(type, {"spec"});
  CHECK(spec.required_fields() == std::vector<std::string>{"arms"});
  CHECK_FALSE(spec.field("legs"));
  CHECK(walk(spec, {"arms"}).kind() == FieldKind::kInteger);
  CHECK(walk(spec, {"weight"}).kind() == FieldKind::kNumber);
  CHECK(walk(spec, {"on"}).kind() == FieldKind::kBoolean);
  CHECK(walk(spec, {"port"}).kind() == FieldKind::kIntegerOrText);
  CHECK(walk(spec, {"tools", "[]", "name"}).kind() == FieldKind::kText);
  CHECK_FALSE(walk(spec, {"tools", "[]"}).field("size"));
  CHECK(walk(spec, {"tags", "any"}).kind() == FieldKind::kText);
  CHECK(walk(spec, {"free", "any"}).kind() == FieldKind::kUnknown);
  CHECK(walk(spec, {"bare", "any"}).kind() == FieldKind::kUnknown);
  CHECK(walk(type, {"status"}).kind() == FieldKind::kAny);
  CHECK(schema.kinds_of("example.com/v1") == std::vector<std::string>{"Robot"});
}

TEST_CASE("documents of version 2 say the same") {
  const json two{{"definitions", document()["components"]["schemas"]}};
  std::string words = two.dump();
  for (auto at = words.find("components/schemas"); at != std::string::npos;
       at = words.find("components/schemas")) {
    words.replace(at, 18, "definitions");
  }
  CHECK(table_of_openapi({json::parse(words)}) == table_of_openapi({document()}));
}

TEST_CASE("two types of one last name keep their full names") {
  json both = document();
  json& schemas = both["components"]["schemas"];
  schemas["a.v1.Subject"] = {{"type", "object"}, {"properties", {{"x", {{"type", "string"}}}}}};
  schemas["b.v1.Subject"] = {{"type", "object"}, {"properties", {{"y", {{"type", "string"}}}}}};
  schemas["com.example.v1.Robot"]["properties"]["one"] = reference("a.v1.Subject");
  schemas["com.example.v1.Robot"]["properties"]["other"] = reference("b.v1.Subject");
  const Schema schema(table_of_openapi({both}));
  const FieldType type = schema.type("example.com/v1", "Robot");
  CHECK(walk(type, {"one", "x"}).kind() == FieldKind::kText);
  CHECK_FALSE(walk(type, {"one"}).field("y"));
  CHECK(walk(type, {"other", "y"}).kind() == FieldKind::kText);
}

TEST_CASE("quantities are known by their name") {
  json with = document();
  json& schemas = with["components"]["schemas"];
  schemas["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {{"type", "string"}};
  schemas["com.example.v1.Robot"]["properties"]["size"] =
      reference("io.k8s.apimachinery.pkg.api.resource.Quantity");
  const Schema schema(table_of_openapi({with}));
  CHECK(walk(schema.type("example.com/v1", "Robot"), {"size"}).kind() == FieldKind::kQuantity);
}

TEST_CASE("schemas that go round in circles, or are none, are anything") {
  json odd = document();
  json& schemas = odd["components"]["schemas"];
  schemas["x.Loop"] = reference("x.Loop");
  schemas["x.List"] = {{"type", "array"}, {"items", reference("x.List")}};
  schemas["x.Number"] = 7;
  schemas["x.Odd"] = {{"properties", {{"a", 1}, {"b", nullptr}}}, {"required", "a"}};
  schemas["com.example.v1.Robot"]["properties"]["loop"] = reference("x.Loop");
  schemas["com.example.v1.Robot"]["properties"]["list"] = reference("x.List");
  schemas["com.example.v1.Robot"]["properties"]["gone"] = reference("x.Gone");
  const Schema schema(table_of_openapi({odd}));
  const FieldType type = schema.type("example.com/v1", "Robot");
  CHECK(walk(type, {"loop"}).kind() == FieldKind::kAny);
  CHECK(walk(type, {"list"}).kind() == FieldKind::kList);
  CHECK(walk(type, {"gone"}).kind() == FieldKind::kAny);
  CHECK(table_of_openapi({}).empty());
  CHECK(table_of_openapi({json::array(), 1, {{"definitions", {1, 2}}}}).empty());
}

}  // namespace marvel::deploy
