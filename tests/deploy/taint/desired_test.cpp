#include "deploy/taint/desired.hpp"

#include <doctest/doctest.h>

namespace marvel::taint {
namespace {

scheduling::Node node(std::vector<Taint> taints, scheduling::Labels labels = {}) {
  scheduling::Node made;
  made.name = "n";
  made.taints = std::move(taints);
  made.labels = std::move(labels);
  return made;
}

std::string refusal(const char* text) {
  const auto desired = parse_desired(text, "f.yaml");
  REQUIRE_FALSE(desired.has_value());
  CHECK(desired.error().code == Errc::kInput);
  return desired.error().message;
}

const Taint kLayer{"Layer", "A", "NoSchedule", ""};
const Taint kSystem{"node.kubernetes.io/unreachable", "", "NoExecute", "2024-01-01T00:00:00Z"};

}  // namespace

TEST_CASE("only the file's own keys are decided") {
  const auto desired = parse_desired(
      "nodes:\n  n: {taints: ['Layer=A:NoSchedule']}\n  m: {labels: {x: null}}\n", "f");
  REQUIRE(desired.has_value());
  CHECK(desired->keys == std::vector<std::string>{"Layer"});
  const DesiredNode& wanted = desired->nodes.at("n");
  CHECK(edit_to(node({kLayer, kSystem}), wanted, desired->keys).outcome == Outcome::kUnchanged);
  const Edit made =
      edit_to(node({kSystem, {"Layer", "A", "NoExecute", ""}}), wanted, desired->keys);
  CHECK(made.taints == std::vector<Taint>{kLayer, kSystem});
  CHECK(edit_to(node({kLayer}), desired->nodes.at("m"), desired->keys).outcome ==
        Outcome::kUnchanged);
}

TEST_CASE("labels are set and removed") {
  const DesiredNode wanted{std::nullopt, std::nullopt, {{"a", "1"}, {"b", std::nullopt}}};
  const Edit made = edit_to(node({kSystem}, {{"b", "2"}}), wanted, {});
  CHECK(made.outcome == Outcome::kModified);
  CHECK(made.taints == std::vector<Taint>{kSystem});
  CHECK(made.labels.at("a") == "1");
  CHECK(made.labels.at("b") == std::nullopt);
  CHECK(edit_to(node({}, {{"a", "1"}}), wanted, {}).outcome == Outcome::kUnchanged);
}

TEST_CASE("mistakes are refused where they stand") {
  CHECK(refusal("nodes:\n  n: {taint: []}\n").rfind("f.yaml:2:7: unknown key 'taint'", 0) == 0);
  CHECK(refusal("nodes:\n  n:\n    taints: ['Layer=A:Never']\n")
            .rfind("f.yaml:3:14: invalid taint spec", 0) == 0);
  CHECK(refusal("nodes:\n  n: {taints: ['a:NoSchedule', 'a=1:NoSchedule']}\n").find("twice") !=
        std::string::npos);
  CHECK(refusal("keys: [b]\nnodes:\n  n: {taints: ['a:NoSchedule']}\n").find("'keys' leaves out") !=
        std::string::npos);
  CHECK(refusal("nodes: [a]\n").find("must be a mapping") != std::string::npos);
  CHECK(refusal("keys: []\n").find("no nodes") != std::string::npos);
  CHECK(refusal("nodes:\n  n: {labels: {'a b': c}}\n").find("is no label") != std::string::npos);
  CHECK(refusal("nodes:\n  n: {labels: {Layer: [A]}}\n")
            .rfind("f.yaml:2:23: label 'Layer' must be one text", 0) == 0);
  CHECK(refusal("nodes:\n  n: {labels: {Layer: {A: B}}}\n")
            .rfind("f.yaml:2:23: label 'Layer' must be one text", 0) == 0);
  CHECK(refusal("").find("one document") != std::string::npos);
}

TEST_CASE("the undo file says what was before, and reads back") {
  NodeResult result;
  result.node = "n";
  const Taint bystander{"bystander", "", "NoSchedule", ""};
  result.before = node({kLayer, kSystem, bystander}, {{"Layer", "A"}});
  result.edit.outcome = Outcome::kModified;
  result.edit.taints = {{"New", "", "NoSchedule", ""}, kSystem, bystander};
  result.edit.labels = {{"Layer", std::nullopt}, {"New", ""}};
  const auto undo = parse_desired(file_text(way_back({result})), "undo");
  REQUIRE(undo.has_value());
  CHECK(undo->nodes.at("n").keys == std::vector<std::string>{"Layer", "New"});
  const Edit back =
      edit_to(node(result.edit.taints, {{"New", ""}}), undo->nodes.at("n"), undo->keys);
  CHECK(back.taints == std::vector<Taint>{kLayer, kSystem, bystander});
  CHECK(back.labels.at("Layer") == "A");
  CHECK(back.labels.at("New") == std::nullopt);
  result.edit.outcome = Outcome::kUnchanged;
  CHECK(way_back({result}).nodes.empty());
}

TEST_CASE("a node that may have been changed stands in the undo file") {
  NodeResult result;
  result.node = "n";
  result.before = node({kLayer});
  result.edit.outcome = Outcome::kUntainted;
  result.error.emplace().message = "the answer was late";
  result.tries = 1;
  const auto undo = parse_desired(file_text(way_back({result})), "undo");
  REQUIRE(undo.has_value());
  CHECK(undo->nodes.at("n").taints == std::vector<Taint>{kLayer});
  NodeResult unread;  // nothing was sent
  unread.node = "m";
  unread.error = result.error;
  CHECK(way_back({unread}).nodes.empty());
}

TEST_CASE("what people set is undone, though its key looks like Kubernetes' own") {
  NodeResult result;
  result.node = "n";
  result.before = node({kSystem});
  result.edit.outcome = Outcome::kTainted;
  result.edit.taints = {
      {"node.kubernetes.io/out-of-service", "nodeshutdown", "NoExecute", ""},
      {"node.kubernetes.io/not-ready", "", "NoExecute", ""},
  };
  const auto undo = parse_desired(file_text(way_back({result})), "undo");
  REQUIRE(undo.has_value());
  CHECK(undo->nodes.at("n").keys == std::vector<std::string>{"node.kubernetes.io/out-of-service"});
}

TEST_CASE("the way back of one node is none of another's keys") {
  NodeResult one;
  one.node = "a";
  one.before = node({{"old", "", "NoSchedule", ""}});
  one.edit.outcome = Outcome::kUntainted;
  NodeResult other;
  other.node = "b";
  other.before = node({});
  other.edit.outcome = Outcome::kTainted;
  other.edit.taints = {kLayer};
  NodeResult labelled;
  labelled.node = "c";
  labelled.before = node({kLayer});
  labelled.edit.outcome = Outcome::kModified;
  labelled.edit.taints = {kLayer};
  labelled.edit.labels = {{"x", "1"}};
  const auto undo = parse_desired(file_text(way_back({one, other, labelled})), "undo");
  REQUIRE(undo.has_value());
  const Taint theirs{"Layer", "theirs", "NoSchedule", ""};  // set since, by somebody else
  const Edit back = edit_to(node({theirs}), undo->nodes.at("a"), undo->keys);
  CHECK(back.taints == std::vector<Taint>{{"old", "", "NoSchedule", ""}, theirs});
  CHECK(edit_to(node({kLayer}), undo->nodes.at("b"), undo->keys).taints.empty());
  CHECK_FALSE(undo->nodes.at("c").taints.has_value());
  CHECK(edit_to(node({theirs}, {{"x", "1"}}), undo->nodes.at("c"), undo->keys).taints ==
        std::vector<Taint>{theirs});
}

TEST_CASE("the way back from two runs leads to before the first one") {
  const auto first = parse_desired(
      "keys: [Layer]\nnodes:\n  a: {taints: ['Layer=A:NoSchedule'], labels: {x: '1'}}\n", "f");
  const auto second = parse_desired(
      "nodes:\n  a: {keys: [Layer, fire], taints: ['fire:NoExecute', 'Layer=B:NoSchedule'],"
      " labels: {x: '2', y: null}}\n  b: {labels: {x: null}}\n",
      "s");
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  const auto both = parse_desired(file_text(joined(*first, *second)), "both");
  REQUIRE(both.has_value());
  const DesiredNode& a = both->nodes.at("a");
  CHECK(a.keys == std::vector<std::string>{"Layer", "fire"});
  CHECK(a.taints == std::vector<Taint>{kLayer, {"fire", "", "NoExecute", ""}});
  CHECK(a.labels.at("x") == "1");
  CHECK(a.labels.at("y") == std::nullopt);
  CHECK(both->nodes.at("b").labels.contains("x"));
}

TEST_CASE("keys of an entry count for it alone") {
  const auto desired = parse_desired(
      "nodes:\n  n: {keys: [fire], taints: []}\n  m: {taints: ['Layer=A:NoSchedule']}\n", "f");
  REQUIRE(desired.has_value());
  CHECK(desired->keys == std::vector<std::string>{"Layer"});
  CHECK(edit_to(node({kLayer}), desired->nodes.at("n"), desired->keys).outcome ==
        Outcome::kUnchanged);
  CHECK(refusal("nodes:\n  n: {keys: [a]}\n").find("keys without taints") != std::string::npos);
  CHECK(refusal("nodes:\n  n: {keys: [b], taints: ['a:NoSchedule']}\n").find("'keys' leaves out") !=
        std::string::npos);
}

}  // namespace marvel::taint
