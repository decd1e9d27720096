#include "deploy/scheduling/node_affinity.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

const Labels kLabels{{"Layer", "EDGE1"}, {"cores", "8"}, {"word", "eight"}};

}  // namespace

TEST_CASE("each operator decides as the scheduler's does") {
  struct Row {
    NodeRequirement requirement;
    bool expected;
  };
  for (const Row& row : {Row{{"Layer", "In", {"EDGE1", "EDGE2"}}, true},
                         {{"Layer", "In", {}}, false},
                         {{"none", "In", {""}}, false},
                         {{"Layer", "NotIn", {"EDGE1"}}, false},
                         {{"none", "NotIn", {"EDGE1"}}, true},
                         {{"Layer", "Exists", {}}, true},
                         {{"none", "Exists", {}}, false},
                         {{"none", "DoesNotExist", {}}, true},
                         {{"cores", "Gt", {"7"}}, true},
                         {{"cores", "Gt", {"8"}}, false},
                         {{"cores", "Lt", {"9"}}, true},
                         {{"word", "Gt", {"7"}}, false},
                         {{"none", "Lt", {"7"}}, false},
                         {{"cores", "Gt", {"1", "2"}}, false},
                         {{"Layer", "Near", {"EDGE1"}}, false}}) {
    CAPTURE(row.requirement.op);
    CHECK(matches(row.requirement, kLabels) == row.expected);
  }
}

TEST_CASE(
    "terms are alternatives, conditions in a term are not, and an empty term matches nothing") {
  const NodeSelectorTerm yes{{{"Layer", "Exists", {}}}, {}};
  const NodeSelectorTerm no{{{"Layer", "Exists", {}}, {"cores", "Lt", {"1"}}}, {}};
  CHECK(matches(NodeSelector{no, yes}, kLabels, "n"));
  CHECK_FALSE(matches(NodeSelector{no}, kLabels, "n"));
  CHECK_FALSE(matches(NodeSelector{{}}, kLabels, "n"));
  CHECK_FALSE(matches(NodeSelector{}, kLabels, "n"));
}

TEST_CASE("fields match the node's name only") {
  const NodeSelectorTerm in{{}, {{"metadata.name", "In", {"n"}}}};
  const NodeSelectorTerm out{{}, {{"metadata.name", "NotIn", {"n"}}}};
  const NodeSelectorTerm odd{{}, {{"metadata.namespace", "In", {"n"}}}};
  CHECK(matches(in, kLabels, "n"));
  CHECK_FALSE(matches(in, kLabels, "m"));
  CHECK(matches(out, kLabels, "m"));
  CHECK_FALSE(matches(odd, kLabels, "n"));
}

TEST_CASE("nodes are named when every term names them") {
  const NodeSelectorTerm a{{}, {{"metadata.name", "In", {"a"}}}};
  const NodeSelectorTerm b{{{"x", "Exists", {}}}, {{"metadata.name", "In", {"b"}}}};
  const NodeSelectorTerm open{{{"x", "Exists", {}}}, {}};
  CHECK(named_nodes({b, a}) == std::vector<std::string>{"a", "b"});
  CHECK(named_nodes({a, open}) == std::nullopt);
  CHECK(named_nodes({}) == std::nullopt);
}

TEST_CASE("a selector is read from its JSON, and a misplaced one is empty") {
  const auto selector = node_selector_from(nlohmann::json::parse(
      R"({"nodeSelectorTerms":[{"matchExpressions":[{"key":"Layer","operator":"In","values":["EDGE1"]}]}]})"));
  REQUIRE(selector.has_value());
  CHECK(matches(*selector, kLabels, "n"));
  CHECK_FALSE(node_selector_from(nlohmann::json()).has_value());
}

}  // namespace marvel::scheduling
