#include "deploy/taint/edit.hpp"

#include "base/text.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::taint {
namespace {

const Taint* find(const std::vector<Taint>& taints, const Taint& wanted) {
  const auto found = std::find_if(taints.begin(), taints.end(), [&wanted](const Taint& taint) {
    return same_identity(taint, wanted);
  });
  return found == taints.end() ? nullptr : &*found;
}

bool removes(const Removal& removal, const Taint& taint) {
  return removal.key == taint.key && (removal.effect.empty() || removal.effect == taint.effect);
}

Edit refused(Outcome outcome, std::string problem) {
  Edit edit;
  edit.outcome = outcome;
  edit.problem = std::move(problem);
  return edit;
}

// The taints that stand in the way without --overwrite, as kubectl names them.
std::vector<std::string> clashes(const scheduling::Node& node, const Request& request,
                                 const EditRules& rules) {
  std::vector<std::string> names;
  for (const Taint& wanted : request.add) {
    const Taint* there = find(node.taints, wanted);
    if (there != nullptr && (rules.kubectl || there->value != wanted.value)) {
      names.push_back(rules.kubectl ? wanted.key : wanted.key + ":" + wanted.effect);
    }
  }
  return names;
}

std::vector<std::string> absent(const scheduling::Node& node, const Request& request) {
  std::vector<std::string> names;
  for (const Removal& removal : request.remove) {
    const bool there = std::any_of(node.taints.begin(), node.taints.end(),
                                   [&](const Taint& taint) { return removes(removal, taint); });
    if (!there) {
      names.push_back("taint \"" + to_string(removal) + "\" not found");
    }
  }
  return names;
}

// Added ones first, the untouched after them in their order. An equal one stays as it is, with the
// time it was set.
std::vector<Taint> new_list(const std::vector<Taint>& old, const Request& request) {
  std::vector<Taint> taints;
  for (const Taint& wanted : request.add) {
    const Taint* there = find(old, wanted);
    taints.push_back(there != nullptr && there->value == wanted.value ? *there : wanted);
  }
  for (const Taint& taint : old) {
    const bool removed = std::any_of(request.remove.begin(), request.remove.end(),
                                     [&](const Removal& one) { return removes(one, taint); });
    if (!removed && find(request.add, taint) == nullptr) {
      taints.push_back(taint);
    }
  }
  return taints;
}

bool same_set(const std::vector<Taint>& a, const std::vector<Taint>& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&b](const Taint& taint) {
           const Taint* other = find(b, taint);
           return other != nullptr && other->value == taint.value;
         });
}

void change_labels(const scheduling::Node& node, const Request& request, Edit& edit) {
  for (const Taint& taint : request.add) {
    const auto found = node.labels.find(taint.key);
    if (found == node.labels.end() || found->second != taint.value) {
      edit.labels[taint.key] = taint.value;
    }
  }
  for (const Removal& removal : request.remove) {
    const bool key_stays =
        std::any_of(edit.taints.begin(), edit.taints.end(),
                    [&](const Taint& taint) { return taint.key == removal.key; });
    if (!key_stays && node.labels.count(removal.key) > 0) {
      edit.labels[removal.key] = std::nullopt;
    }
  }
}

// A label of another value is as much in the way as a taint of another value.
std::vector<std::string> label_clashes(const scheduling::Node& node, const Edit& edit) {
  std::vector<std::string> names;
  for (const auto& [key, value] : edit.labels) {
    const auto found = node.labels.find(key);
    if (value && found != node.labels.end()) {
      names.push_back(key + "=" + found->second);
    }
  }
  return names;
}

Outcome outcome_of(const Request& request, bool taints_change, bool overwrite) {
  if (overwrite) {
    return Outcome::kModified;
  }
  if (request.add.empty()) {
    return Outcome::kUntainted;
  }
  const bool plain = request.remove.empty() && taints_change;
  return plain ? Outcome::kTainted : Outcome::kModified;
}

}  // namespace

Edit edit(const scheduling::Node& node, const Request& request, const EditRules& rules) {
  if (const auto names = clashes(node, request, rules); !names.empty() && !rules.overwrite) {
    return refused(Outcome::kExists, "node " + node.name + " already has " + join(names, ",") +
                                         " taint(s) with same effect(s) and --overwrite is false");
  }
  const bool may_miss = rules.ignore_not_found && !rules.kubectl;
  if (const auto names = absent(node, request); !names.empty() && !may_miss) {
    const std::string all = join(names, ", ");
    return refused(Outcome::kAbsent, names.size() == 1 ? all : "[" + all + "]");
  }
  Edit edit;
  edit.taints = new_list(node.taints, request);
  const bool taints_change = !same_set(edit.taints, node.taints);
  if (rules.label) {
    change_labels(node, request, edit);
    if (const auto names = label_clashes(node, edit); !names.empty() && !rules.overwrite) {
      return refused(Outcome::kExists, "node " + node.name + " already has label(s) " +
                                           join(names, ",") + " and --overwrite is false");
    }
  }
  const bool replaces = taints_change && !clashes(node, request, {}).empty();
  if (taints_change || !edit.labels.empty() || (rules.kubectl && rules.overwrite)) {
    edit.outcome = outcome_of(request, taints_change, rules.kubectl ? rules.overwrite : replaces);
  }
  return edit;
}

std::string outcome_word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kUnchanged:
      return "unchanged";
    case Outcome::kTainted:
      return "tainted";
    case Outcome::kUntainted:
      return "untainted";
    case Outcome::kModified:
      return "modified";
    case Outcome::kExists:
      return "exists";
    case Outcome::kAbsent:
      return "absent";
  }
  return "unchanged";
}

nlohmann::json patch_of(const Edit& edit, const std::string& resource_version) {
  nlohmann::json patch = {{"metadata", {{"resourceVersion", resource_version}}}};
  // An empty list would be no change to a strategic merge of some servers; null removes the field.
  patch["spec"]["taints"] =
      edit.taints.empty() ? nlohmann::json() : scheduling::to_json(edit.taints);
  for (const auto& [key, value] : edit.labels) {
    patch["metadata"]["labels"][key] = value ? nlohmann::json(*value) : nlohmann::json();
  }
  return patch;
}

}  // namespace marvel::taint
