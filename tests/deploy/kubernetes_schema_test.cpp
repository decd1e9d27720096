#include "deploy/kubernetes_schema.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

// Follows field names and "[]" from a kind.
FieldType walk(FieldType type, const std::vector<std::string>& path) {
  for (const auto& part : path) {
    const auto next = part == "[]" ? std::optional(type.element()) : type.field(part);
    REQUIRE_MESSAGE(next.has_value(), part);
    type = *next;
  }
  return type;
}

}  // namespace

TEST_CASE("fields have the types of Kubernetes") {
  const FieldType deployment = kubernetes_type("apps/v1", "Deployment");
  REQUIRE(deployment.kind() == FieldKind::kObject);
  CHECK(walk(deployment, {"spec", "replicas"}).kind() == FieldKind::kInteger);
  const FieldType pod = walk(deployment, {"spec", "template", "spec"});
  const FieldType container = walk(pod, {"containers", "[]"});
  CHECK(walk(container, {"image"}).kind() == FieldKind::kText);
  CHECK(walk(container, {"env", "[]", "value"}).kind() == FieldKind::kText);
  CHECK(walk(container, {"resources", "requests", "cpu"}).kind() == FieldKind::kQuantity);
  CHECK(walk(container, {"livenessProbe", "httpGet", "port"}).kind() == FieldKind::kIntegerOrText);
  CHECK(walk(pod, {"hostNetwork"}).kind() == FieldKind::kBoolean);
  CHECK(walk(deployment, {"metadata", "labels", "anything"}).kind() == FieldKind::kText);
}

TEST_CASE("a field that does not exist is told from one without schema") {
  const FieldType service = kubernetes_type("v1", "Service");
  CHECK_FALSE(service.field("spek").has_value());
  const FieldType custom = kubernetes_type("example.com/v1", "Robot");
  CHECK(custom.kind() == FieldKind::kUnknown);
  CHECK(custom.field("arms")->kind() == FieldKind::kUnknown);
}

TEST_CASE("required fields are known") {
  const FieldType container = walk(kubernetes_type("v1", "Pod"), {"spec", "containers", "[]"});
  CHECK(container.required_fields() == std::vector<std::string>{"name"});
}

TEST_CASE("a claim inside a StatefulSet needs not say its kind") {
  const FieldType claim =
      walk(kubernetes_type("apps/v1", "StatefulSet"), {"spec", "volumeClaimTemplates", "[]"});
  CHECK(claim.kind() == FieldKind::kObject);
  CHECK(claim.required_fields() == std::vector<std::string>{"metadata"});
}

TEST_CASE("every type that a line of the table names has a line itself") {
  for (const char* kind : {"Pod", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim",
                           "PersistentVolume", "ServiceAccount", "Namespace"}) {
    CAPTURE(kind);
    std::vector<FieldType> open{kubernetes_type("v1", kind)};
    REQUIRE(open[0].kind() == FieldKind::kObject);
    for (std::size_t i = 0; i < open.size() && open.size() < 20'000; ++i) {
      const FieldType type = open[i];
      if (type.kind() == FieldKind::kObject) {
        CHECK_FALSE(type.fields().empty());
      }
      for (const auto& name : type.fields()) {
        open.push_back(*type.field(name));
      }
      if (type.kind() == FieldKind::kList || type.kind() == FieldKind::kMap) {
        open.push_back(type.element());
      }
    }
  }
}

}  // namespace marvel::deploy
