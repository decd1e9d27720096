#include "deploy/scheduling/node_affinity.hpp"

#include "base/text.hpp"
#include "deploy/kube/fields.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Gt and Lt compare whole numbers; anything else on either side is no match.
bool compares(const NodeRequirement& requirement, const std::string& value) {
  const auto have = parse_integer(value);
  const auto limit = requirement.values.size() == 1 ? parse_integer(requirement.values.front())
                                                    : parse_integer("");
  if (!have || !limit) {
    return false;
  }
  return requirement.op == "Gt" ? *have > *limit : *have < *limit;
}

bool field_matches(const NodeRequirement& requirement, const std::string& node_name) {
  if (requirement.key != "metadata.name" || requirement.values.size() != 1) {
    return false;
  }
  const bool equal = requirement.values.front() == node_name;
  return requirement.op == "In" ? equal : requirement.op == "NotIn" && !equal;
}

std::vector<NodeRequirement> requirements_from(const json& list) {
  std::vector<NodeRequirement> requirements;
  if (list.is_array()) {
    for (const auto& item : list) {
      NodeRequirement one{text(item, {"key"}), text(item, {"operator"}), {}};
      for (const auto& value : field(item, {"values"})) {
        one.values.push_back(kube::text_of(value));
      }
      requirements.push_back(std::move(one));
    }
  }
  return requirements;
}

}  // namespace

bool matches(const NodeRequirement& requirement, const Labels& labels) {
  const auto found = labels.find(requirement.key);
  const bool present = found != labels.end();
  if (requirement.op == "Exists" || requirement.op == "DoesNotExist") {
    return present == (requirement.op == "Exists");
  }
  if (requirement.op == "In") {
    return present && contains(requirement.values, found->second);
  }
  if (requirement.op == "NotIn") {
    return !present || !contains(requirement.values, found->second);
  }
  return (requirement.op == "Gt" || requirement.op == "Lt") && present &&
         compares(requirement, found->second);
}

bool matches(const NodeSelectorTerm& term, const Labels& labels, const std::string& node_name) {
  if (term.labels.empty() && term.fields.empty()) {
    return false;
  }
  return std::all_of(term.labels.begin(), term.labels.end(),
                     [&](const auto& one) { return matches(one, labels); }) &&
         std::all_of(term.fields.begin(), term.fields.end(),
                     [&](const auto& one) { return field_matches(one, node_name); });
}

bool matches(const NodeSelector& selector, const Labels& labels, const std::string& node_name) {
  return std::any_of(selector.begin(), selector.end(),
                     [&](const auto& term) { return matches(term, labels, node_name); });
}

std::optional<std::vector<std::string>> named_nodes(const NodeSelector& selector) {
  std::set<std::string> names;
  for (const auto& term : selector) {
    std::optional<std::set<std::string>> of_term;
    for (const auto& one : term.fields) {
      if (one.key == "metadata.name" && one.op == "In") {
        std::set<std::string> both;
        for (const auto& value : one.values) {
          if (!of_term || of_term->count(value) > 0) {
            both.insert(value);
          }
        }
        of_term = std::move(both);
      }
    }
    if (!of_term) {
      return std::nullopt;
    }
    names.insert(of_term->begin(), of_term->end());
  }
  if (selector.empty()) {
    return std::nullopt;
  }
  return std::vector<std::string>(names.begin(), names.end());
}

std::optional<NodeSelector> node_selector_from(const json& value) {
  if (!value.is_object()) {
    return std::nullopt;
  }
  NodeSelector selector;
  const json& terms = field(value, {"nodeSelectorTerms"});
  if (terms.is_array()) {
    for (const auto& term : terms) {
      selector.push_back({requirements_from(field(term, {"matchExpressions"})),
                          requirements_from(field(term, {"matchFields"}))});
    }
  }
  return selector;
}

}  // namespace marvel::scheduling
