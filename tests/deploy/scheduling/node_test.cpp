#include "deploy/scheduling/node.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::scheduling {

TEST_CASE("a node is read with what scheduling needs") {
  const auto node = node_from(nlohmann::json::parse(R"({
    "metadata":{"name":"edge1","resourceVersion":"7","labels":{"Layer":"E"}},
    "spec":{"unschedulable":true,"taints":[{"key":"k","effect":"NoSchedule"}]},
    "status":{"allocatable":{"cpu":"4","pods":"110"},
              "conditions":[{"type":"Ready","status":"True"}]}})"));
  REQUIRE(node.has_value());
  CHECK(node->name == "edge1");
  CHECK(node->resource_version == "7");
  CHECK(node->labels.at("Layer") == "E");
  CHECK(node->taints.size() == 1);
  CHECK(node->unschedulable);
  CHECK(node->ready);
  CHECK(node->allocatable == Resources{{"cpu", 4000}, {"pods", 110}});
}

TEST_CASE("a node without a name or with a bad amount is refused") {
  CHECK_FALSE(node_from(nlohmann::json::parse("{}")).has_value());
  const auto node = node_from(
      nlohmann::json::parse(R"({"metadata":{"name":"n"},"status":{"allocatable":{"cpu":"x"}}})"));
  REQUIRE_FALSE(node.has_value());
  CHECK(describe(node.error()).find("node n: resource cpu: 'x'") == 0);
}

}  // namespace marvel::scheduling
