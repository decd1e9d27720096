#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/manifest.hpp"
#include "deploy/rollout/difference.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/members.hpp"
#include "deploy/rollout/plan.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace marvel::rollout {

enum class DryRun { kNone, kClient, kServer };
enum class Action { kCreated, kConfigured, kUnchanged, kPruned, kFailed, kNotTried };
std::string action_word(Action action);

// A field that somebody else owns and that ours would change.
struct FieldConflict {
  std::string field;   // ".spec.replicas"
  std::string owner;   // a field manager
  std::string theirs;  // its value now, as JSON
  std::string ours;
};

struct ObjectResult {
  ObjectRef ref;
  std::string where;
  Action action = Action::kNotTried;
  std::optional<Error> error;
  std::vector<FieldConflict> conflicts;
  std::vector<FieldChange> changes;  // only when asked for
};

struct ApplyOptions {
  DryRun dry_run = DryRun::kNone;
  bool force_conflicts = false;  // take fields over from others
  bool prune = true;
  bool with_changes = false;       // compare each object with what it was
  bool singleton = false;          // one service of `origin` per namespace
  std::string origin;              // id of the template; empty for plain manifests
  bool replace = false;            // also a service of another origin
  std::string cause = "apply";     // for the history
  std::size_t history_limit = 10;  // revisions that are kept; 0 keeps none
  LeaseRules lease;
};

struct ApplyReport {
  Inventory inventory;
  std::vector<ObjectResult> objects;  // in the order of the steps, then what was pruned
  bool changed = false;
  std::string unrecorded;  // why the revision could not be kept: no way back to it
  std::string running_as;  // the other service, when a singleton runs already: nothing was done

  [[nodiscard]] bool failed() const;
};

// Asked before anything is written, with the names of the members that will be deleted. A failure
// ends the run.
using MayPrune = std::function<Status(const std::vector<ObjectRef>&)>;

// Makes the service `name` what `objects` say: takes its lease, writes the kinds of old and new
// members into the inventory, applies step by step by 8 connections, deletes what is not wanted
// any more, and writes the exact inventory. Killed at any moment, the next run finds every member
// by its label and completes the work. A run that changed something, or wanted something else than
// the last one, is a new revision. A step that fails ends the run; objects after it are
// kNotTried. Conflicts of fields are failures unless `force_conflicts`. kConflict when another run
// took the service over meanwhile (nothing is written any more then), and for a service of another
// origin unless `replace`: its objects would be pruned.
Result<ApplyReport> apply(const std::shared_ptr<kube::Connection>& connection,
                          const std::string& name, const std::string& space,
                          const std::vector<deploy::Object>& objects, const ApplyOptions& options,
                          const MayPrune& may_prune);

}  // namespace marvel::rollout
