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

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace marvel::rollout {

// What a dry run asks: kClient works out here what would be done, after reading; kServer sends each
// object for the server to try and not to keep. Neither takes the lease.
enum class DryRun { kNone, kClient, kServer };

// What came of one object. kNotTried is left for those behind a step that failed.
enum class Action { kCreated, kConfigured, kUnchanged, kPruned, kFailed, kNotTried };
std::string action_word(Action action);

// A field that somebody else owns and that ours would change. Values of Secrets are empty, and
// secrets of variables are masked.
struct FieldConflict {
  std::string field;  // ".spec.replicas"
  // The field manager that owns it, such as "kubectl".
  std::string owner;
  std::string theirs;  // its value now, as JSON
  std::string ours;
};

// One object and what came of it.
struct ObjectResult {
  ObjectRef ref;
  // Where the user wrote it ("app.yaml:12:1"); empty for what was pruned.
  std::string where;
  Action action = Action::kNotTried;
  // There when the action is kFailed. Servers quote what they refuse: whoever shows it masks
  // secrets.
  std::optional<Error> error;
  std::vector<FieldConflict> conflicts;
  std::vector<FieldChange> changes;  // only when asked for
};

// How to apply. The defaults are those of `marvel deploy apply`.
struct ApplyOptions {
  DryRun dry_run = DryRun::kNone;
  bool force_conflicts = false;  // take fields over from others
  // Delete members that are not wanted any more; else they stay members.
  bool prune = true;
  // Fill ObjectResult::changes: compare each object with what it was.
  bool with_changes = false;
  // One service of `origin` per namespace. A ConfigMap of a fixed name says which one it is, and
  // creating it decides between two that come at once. One whose service is gone is taken over.
  bool singleton = false;
  std::string origin;  // id of the template; empty for plain manifests
  // Also a service of another origin, whose other objects are pruned then.
  bool replace = false;
  std::string cause = "apply";     // for the history
  std::size_t history_limit = 10;  // revisions that are kept; 0 keeps none
  // How long to wait for another run that has the service.
  LeaseRules lease;
  // How long to wait for a wanted object that is being deleted: it is made anew when it is gone.
  std::chrono::milliseconds deletion_patience{std::chrono::minutes(2)};
  // Told when that waiting begins. From any thread, one call at a time.
  std::function<void(const std::string& message)> on_wait;
};

// What a run did, as far as it came: objects that failed are in here and no Error.
struct ApplyReport {
  // As it is stored after the run; of a dry run as it was found, or as it would begin.
  Inventory inventory;
  std::vector<ObjectResult> objects;  // in the order of the steps, then what was pruned
  // Whether an object was created, configured or pruned; of a dry run, would be.
  bool changed = false;
  std::string unrecorded;  // why the revision could not be kept: no way back to it
  std::string running_as;  // the other service, when a singleton runs already: nothing was done

  [[nodiscard]] bool failed() const;
};

// Asked before an object of the service is written, with the names of the members that will be
// deleted; not asked when there are none. A failure ends the run and is returned. Dry runs ask,
// too: the answer may only tell then. Called in the thread of apply; a real run holds the lease
// meanwhile.
using MayPrune = std::function<Status(const std::vector<ObjectRef>&)>;

// Makes the service `name` what `objects` say: takes its lease, writes the kinds of old and new
// members into the inventory, applies step by step by 8 connections, deletes what is not wanted any
// more, and writes the exact inventory. Killed at any moment, the next run finds every member by
// its label and completes the work. A run that changed something, or wanted something else than the
// last one, is a new revision. A step that fails ends the run; objects after it are kNotTried.
// Conflicts of fields are failures unless `force_conflicts`. An object that is being deleted is
// waited for and made anew; a dry run says kCreated. kConflict when another run took the
// service over meanwhile (nothing is written any more then), and for a service of another origin
// unless `replace`: its objects would be pruned.
//
// The namespace `space` must be there or be one of `objects`, which is made first then, because
// lease and inventory lie in it. An object of another service is a failure of that object, and
// nothing of the service is written. kUsage for a name that no service can have, kInput for objects
// that cannot be members (see prepare), kUnavailable also when the lease could not be renewed; else
// the errors of requests. An Error tells nothing of what was applied before it: read_state does.
Result<ApplyReport> apply(const std::shared_ptr<kube::Connection>& connection,
                          const std::string& name, const std::string& space,
                          const std::vector<deploy::Object>& objects, const ApplyOptions& options,
                          const MayPrune& may_prune);

}  // namespace marvel::rollout
