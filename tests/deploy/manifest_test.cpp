#include "deploy/manifest.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

constexpr const char* kPod =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata:\n"
    "  name: web\n"
    "  namespace: grn\n"
    "spec:\n"
    "  containers:\n"
    "  - name: web\n"
    "    image: nginx:1.25\n"
    "  affinity:\n";

std::string refusal(std::string_view text) {
  const auto objects = read_manifests(text, "f.yaml");
  REQUIRE_FALSE(objects.has_value());
  CHECK(objects.error().code == Errc::kInput);
  return objects.error().message;
}

}  // namespace

TEST_CASE("an object knows what it is and where its parts stand") {
  const auto objects = read_manifests(kPod, "f.yaml").value();
  REQUIRE(objects.size() == 1);
  const Object& pod = objects[0];
  CHECK(pod.api_version() == "v1");
  CHECK(pod.kind() == "Pod");
  CHECK(pod.name() == "web");
  CHECK(pod.space() == "grn");
  CHECK(pod.label() == "Pod/grn/web");
  CHECK(pod.position({"spec", "containers", "0", "image"}).line == 9);
  CHECK(pod.position({"spec", "containers", "0", "image"}).column == 12);
  CHECK(pod.key_position({"spec", "containers", "0", "image"}).column == 5);
  CHECK(pod.position({"spec", "affinity"}).line == 10);
  // What is not in the source stands where its nearest neighbour does.
  CHECK(pod.position({"spec", "containers", "0", "env", "3"}).line == 8);
}

TEST_CASE("copies of an object do not share their bodies") {
  Object first = read_manifests(kPod, "f.yaml").value()[0];
  Object second = first;
  second.body()["metadata"]["name"] = "other";
  CHECK(first.name() == "web");
  CHECK(second.name() == "other");
  first = second;
  CHECK(first.name() == "other");
}

TEST_CASE("a List is its items") {
  const auto objects = read_manifests(
      "apiVersion: v1\nkind: List\nitems:\n"
      "- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
      "- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n",
      "f.yaml");
  REQUIRE(objects.has_value());
  REQUIRE(objects->size() == 2);
  CHECK((*objects)[1].name() == "b");
  CHECK((*objects)[1].position().line == 5);
}

TEST_CASE("a document that is no object is refused with its place") {
  CHECK(refusal("- a\n").find("f.yaml:1:1: expected an object") == 0);
  CHECK(refusal("\nkind: Pod\n").find("f.yaml:2:1: an object without apiVersion") == 0);
  CHECK(refusal("apiVersion: v1\nkind: Pod\n").find("Pod without metadata.name") !=
        std::string::npos);
}

TEST_CASE("paths read as Kubernetes writes them") {
  CHECK(describe({"spec", "containers", "0", "image"}) == "spec.containers[0].image");
  CHECK(describe({"metadata", "annotations", "a.b/c"}) == "metadata.annotations[a.b/c]");
}

}  // namespace marvel::deploy
