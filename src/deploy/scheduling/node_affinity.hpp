#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// Required node affinity: which nodes a pod may run on at all, by their labels or names. Preferred
// affinity only ranks nodes and is not read here. Pure functions; any thread may call them.

using Labels = std::map<std::string, std::string>;

// One condition on a label, or on the node's name. NotIn and DoesNotExist hold for a node without
// the label, the others do not. Gt and Lt compare whole numbers of 64 bits with one value; anything
// else on either side does not hold, and neither does a word that is no operator.
struct NodeRequirement {
  std::string key;
  std::string op;  // In, NotIn, Exists, DoesNotExist, Gt, Lt
  std::vector<std::string> values;
};

// All conditions of a term must hold; a term without any matches nothing. matchFields know one
// field, metadata.name, with In or NotIn and one value; other conditions there do not hold.
struct NodeSelectorTerm {
  std::vector<NodeRequirement> labels;  // matchExpressions
  std::vector<NodeRequirement> fields;  // matchFields
};

// The required part of node affinity. One of the terms must match; none matches when there is no
// term. That is the scheduler's rule (Kubernetes 1.37, component-helpers nodeaffinity). A pod
// without required affinity has no NodeSelector (std::nullopt in Pod), which is not an empty one.
using NodeSelector = std::vector<NodeSelectorTerm>;

bool matches(const NodeRequirement& requirement, const Labels& labels);
bool matches(const NodeSelectorTerm& term, const Labels& labels, const std::string& node_name);
bool matches(const NodeSelector& selector, const Labels& labels, const std::string& node_name);

// The nodes that `selector` names outright by `metadata.name In [...]`, if every term does: only
// those are looked at by the scheduler. Sorted, each once. Nothing when some term leaves the name
// open, or when there is no term. An empty list: the terms contradict themselves.
std::optional<std::vector<std::string>> named_nodes(const NodeSelector& selector);

// From `requiredDuringSchedulingIgnoredDuringExecution`; nothing for a null value or anything but a
// map.
std::optional<NodeSelector> node_selector_from(const nlohmann::json& value);

}  // namespace marvel::scheduling
