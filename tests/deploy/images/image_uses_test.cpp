#include "deploy/images/image_uses.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {

TEST_CASE("images of all kinds of containers and pods are found, with their place") {
  const std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
      "  initContainers: [{name: i, image: one}]\n"
      "  containers:\n    - {name: c}\n    - name: d\n      image: two:1\n---\n"
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\n"
      "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: "
      "three}]}}}}}\n---\n"
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {image: none}\n";
  const auto objects = read_manifests(text, "f.yaml");
  REQUIRE(objects.has_value());
  const auto uses = image_uses(*objects);
  REQUIRE(uses.size() == 3);
  CHECK(uses[0].image == "one");
  CHECK(uses[0].place.rfind("f.yaml:5:", 0) == 0);
  CHECK(uses[1].image == "two:1");
  CHECK(uses[1].place == "f.yaml:9:14");
  CHECK(uses[2].image == "three");
}

TEST_CASE("containers of odd types are no images") {
  const auto objects = read_manifests(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: {a: b}, initContainers: "
      "[5, {image: 7}]}\n",
      "f.yaml");
  REQUIRE(objects.has_value());
  CHECK(image_uses(*objects).empty());
}

}  // namespace marvel::deploy::images
