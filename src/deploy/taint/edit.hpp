#pragma once

#include "deploy/scheduling/node.hpp"
#include "deploy/taint/spec.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::taint {

// What a request makes of one node. Kubernetes has no call that adds a taint: a write replaces the
// list, so the new list is worked out here from the node as it is, and the patch names the version
// it was worked out from. Everything here is a pure function; any thread may call it.

// Flags of the command line. With `kubectl`, `ignore_not_found` does not count: kubectl has no such
// flag.
struct EditRules {
  bool overwrite = false;         // another value may be replaced
  bool ignore_not_found = false;  // removing what is absent is no failure
  bool label = false;             // labels of the same keys and values go along with the taints
  bool kubectl = false;  // kubectl's rules: equal is "already has", --overwrite always writes
};

// The first four are answers, the last two refusals: kExists, another value (or label) is in the
// way and overwrite is off; kAbsent, what is to be removed is not there. kTainted: only added.
// kUntainted: nothing was to be added. kModified: all else that is written, such as another value
// in place of one.
enum class Outcome { kUnchanged, kTainted, kUntainted, kModified, kExists, kAbsent };

// What a request does to one node. A pure function of the node as it is now, so that a lost race
// is a matter of computing again. Refused edits have neither taints nor labels.
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

// Whatever its outcome, `node` stays as it is. A taint that is there with the same value stays with
// the time it was set, and the order of the list alone is no change. With rules.label the label of
// each added taint is set, and that of a removed key goes when no taint of the key is left.
Edit edit(const scheduling::Node& node, const Request& request, const EditRules& rules);

// "tainted", "untainted", "modified", "unchanged", "exists", "absent".
std::string outcome_word(Outcome outcome);

// The strategic merge patch for an edit, guarded: the server refuses it (409) when the node is no
// longer at `resource_version`. Taints and labels go in one patch, so no pod sees one without the
// other; null deletes. For edits with writes() only: a refused one's list is empty, and would take
// all taints away.
nlohmann::json patch_of(const Edit& edit, const std::string& resource_version);

}  // namespace marvel::taint
