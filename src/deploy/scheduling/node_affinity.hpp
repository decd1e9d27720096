#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

using Labels = std::map<std::string, std::string>;

// One condition on a label, or on the node's name.
struct NodeRequirement {
  std::string key;
  std::string op;  // In, NotIn, Exists, DoesNotExist, Gt, Lt
  std::vector<std::string> values;
};

// All conditions of a term must hold; a term without any matches nothing.
struct NodeSelectorTerm {
  std::vector<NodeRequirement> labels;  // matchExpressions
  std::vector<NodeRequirement> fields;  // matchFields: metadata.name only
};

// The required part of node affinity. One of the terms must match; none matches when there is no
// term. That is the scheduler's rule (Kubernetes 1.37, component-helpers nodeaffinity).
using NodeSelector = std::vector<NodeSelectorTerm>;

bool matches(const NodeRequirement& requirement, const Labels& labels);
bool matches(const NodeSelectorTerm& term, const Labels& labels, const std::string& node_name);
bool matches(const NodeSelector& selector, const Labels& labels, const std::string& node_name);

// The nodes that `selector` names outright by `metadata.name In [...]`, if every term does: only
// those are looked at by the scheduler. Sorted. Nothing when some term leaves the name open.
std::optional<std::vector<std::string>> named_nodes(const NodeSelector& selector);

// From `requiredDuringSchedulingIgnoredDuringExecution`; nothing for a null value.
std::optional<NodeSelector> node_selector_from(const nlohmann::json& value);

}  // namespace marvel::scheduling
