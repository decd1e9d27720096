#pragma once

#include "deploy/scheduling/node.hpp"
#include "deploy/taint/spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::taint {

struct EditRules {
  bool overwrite = false;         // another value may be replaced
  bool ignore_not_found = false;  // removing what is absent is no failure
  bool label = false;             // labels of the same keys and values go along with the taints
  bool kubectl = false;  // kubectl's rules: equal is "already has", --overwrite always writes
};

enum class Outcome { kUnchanged, kTainted, kUntainted, kModified, kExists, kAbsent };

// What a request does to one node. A pure function of the node as it is now, so that a lost race
// is a matter of computing again.
struct Edit {
  Outcome outcome = Outcome::kUnchanged;
  std::string problem;        // for kExists and kAbsent: kubectl's words
  std::vector<Taint> taints;  // the whole new list: added ones first, untouched ones as they were
  // Labels to set, or to delete where there is no value.
  std::map<std::string, std::optional<std::string>> labels;

  [[nodiscard]] bool writes() const {
    return outcome == Outcome::kTainted || outcome == Outcome::kUntainted ||
           outcome == Outcome::kModified;
  }
};

Edit edit(const scheduling::Node& node, const Request& request, const EditRules& rules);

// "tainted", "untainted", "modified", "unchanged", "exists", "absent".
std::string outcome_word(Outcome outcome);

// The strategic merge patch for an edit, guarded: the server refuses it (409) when the node is no
// longer at `resource_version`.
nlohmann::json patch_of(const Edit& edit, const std::string& resource_version);

}  // namespace marvel::taint
