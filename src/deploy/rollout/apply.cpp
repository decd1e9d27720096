// The order is what makes a run repeatable at every point where it may be cut off:
//   1. read      the inventory and what is wanted; by a real run once more under the lease, with
//   the
//                members and whatever else is there of the objects
//   2. refuse    objects of other services, and a second singleton: nothing is written then
//   3. promise   the inventory says what old and new members may be, and that a run began
//   4. apply     step by step; each object carries the set's label from its first moment
//   5. prune     members that nobody wants any more
//   6. settle    the revision is kept, and the inventory names exactly what is there
// One object may come before the promise: the namespace in which lease and inventory lie.
#include "deploy/rollout/apply.hpp"

#include "base/check.hpp"
#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/parallel.hpp"
#include "deploy/rollout/apply_object.hpp"
#include "deploy/rollout/definitions.hpp"
#include "deploy/rollout/deletion.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/remove.hpp"
#include "deploy/rollout/singleton.hpp"
#include "deploy/rollout/strangers.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

std::string source_name(const std::string& origin) {
  return origin.empty() ? "plain manifests" : "template " + origin;
}

class Run {
 public:
  Run(const std::shared_ptr<kube::Connection>& connection, const ApplyOptions& options)
      : connection_(connection), options_(options), client_(connection), discovery_(client_) {}

  Result<ApplyReport> go(const std::string& name, const std::string& space,
                         const std::vector<deploy::Object>& objects, const MayPrune& may_prune) {
    MARVEL_TRY_STATUS(read(name, space, objects));
    if (real()) {
      MARVEL_TRY_STATUS(make_own_namespace());
    }
    if (real() && !report_.failed()) {
      MARVEL_TRY(lease_, LeaseHold::acquire(connection_, name, space, options_.lease));
      MARVEL_TRY_STATUS(read_inventory_of(name, space));  // others may have had the lease meanwhile
    }
    MARVEL_TRY_STATUS(look());
    if (report_.failed() || !report_.running_as.empty()) {
      return std::move(report_);
    }
    MARVEL_TRY_STATUS(agree_to_prune(may_prune));
    MARVEL_TRY_STATUS(promise());
    MARVEL_TRY_STATUS(claim_singleton());
    for (int step = 0; step < kSteps && !done(); ++step) {
      MARVEL_TRY_STATUS(apply_step(step));
    }
    if (!done()) {
      MARVEL_TRY_STATUS(prune_and_settle());
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool real() const { return options_.dry_run == DryRun::kNone; }
  [[nodiscard]] bool done() const { return report_.failed() || !report_.running_as.empty(); }
  // Before anything is written.
  [[nodiscard]] Status still_ours() const { return lease_ ? lease_->confirm() : Status(); }

  // --- read ---

  Status read(const std::string& name, const std::string& space,
              const std::vector<deploy::Object>& objects) {
    MARVEL_TRY_STATUS(check_service_name(name));
    MARVEL_TRY_STATUS(read_inventory_of(name, space));
    MARVEL_TRY(wanted_, prepare(objects, report_.inventory, discovery_));
    for (const auto& one : wanted_) {
      report_.objects.push_back({one.ref, one.where, Action::kNotTried, {}, {}, {}});
    }
    live_.resize(wanted_.size());
    return {};
  }

  Status read_inventory_of(const std::string& name, const std::string& space) {
    MARVEL_TRY(auto there, read_inventory(client_, name, space));
    is_new_ = !there;
    if (there) {
      report_.inventory = std::move(*there);
      return take_origin();
    }
    MARVEL_TRY(report_.inventory, new_inventory(name, space, options_.origin));
    return {};
  }

  Status take_origin() {
    std::string& origin = report_.inventory.origin;
    if (origin != options_.origin && !options_.replace) {
      return fail(Errc::kConflict,
                  "service " + report_.inventory.name + " was made from " + source_name(origin) +
                      ", not from " + source_name(options_.origin),
                  "choose another --name; --replace makes it anew from these files and deletes "
                  "what is not in them");
    }
    moved_ = origin != options_.origin;
    origin = options_.origin;
    return {};
  }

  // Members, other objects that are there, and what forbids to go on.
  Status look() {
    if (report_.failed()) {
      return {};
    }
    if (!is_new_) {
      MARVEL_TRY(members_, list_members(client_, discovery_, report_.inventory));
    }
    MARVEL_TRY_STATUS(is_new_ ? Status() : note_from_revision(client_, report_.inventory));
    MARVEL_TRY(live_, read_live(connection_, wanted_, members_));
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (auto error = stranger_at(client_, i)) {
        fail_object(report_.objects[i], std::move(*error));
      }
    }
    return look_for_running_twin();
  }

  // What is being deleted is nobody's any more.
  std::optional<Error> stranger_at(kube::Client& client, std::size_t i) const {
    return live_[i] && !is_going(*live_[i])
               ? stranger(client, report_.inventory, wanted_[i].ref, *live_[i])
               : std::nullopt;
  }

  // --- one service of a template ---

  [[nodiscard]] bool is_marker(const Member& member) const {
    return member.ref.same_object(marker_ref(report_.inventory));
  }

  Status look_for_running_twin() {
    if (options_.singleton) {
      MARVEL_TRY(const Twin twin, look_for_twin(client_, report_.inventory));
      report_.running_as = twin.running_as;
    }
    return {};
  }

  Status claim_singleton() {
    if (!options_.singleton || !real()) {
      return {};
    }
    MARVEL_TRY(report_.running_as, claim_marker(client_, report_.inventory));
    // The other one was faster: the promise is taken back.
    return !report_.running_as.empty() && is_new_ ? delete_inventory(client_, report_.inventory)
                                                  : Status();
  }

  // --- promise ---

  Status promise() {
    if (!real()) {
      return {};
    }
    MARVEL_TRY_STATUS(still_ours());
    Inventory both = with_singleton(extended(report_.inventory, wanted_));
    MARVEL_TRY(const std::string digest, digest_of(wanted_));
    // The same objects again are still the revision that runs, however far this run comes.
    both.unfinished |= digest != report_.inventory.digest;
    // Where nobody has noted the old members' secrets it stays so until the end: half of the places
    // would read as all of them.
    if (is_new_ || both.wanted) {
      note_wanted(both, wanted_);
    }
    if (is_new_ || moved_ || says_else(both, report_.inventory)) {
      MARVEL_TRY_STATUS(write_inventory(client_, both, false));
    }
    report_.inventory = std::move(both);
    return {};
  }

  [[nodiscard]] Inventory with_singleton(Inventory inventory) const {
    return options_.singleton ? with_marker_kind(std::move(inventory)) : std::move(inventory);
  }

  // --- objects ---

  // The service's own namespace may be one of its objects, and lease and inventory lie in it.
  Status make_own_namespace() {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const ObjectRef& ref = wanted_[i].ref;
      if (ref.resource.kind == "Namespace" && ref.name == report_.inventory.space) {
        auto there = client_.get(ref.path(), {}, "reading " + ref.text());
        if (!there && there.error().reason != "not_found") {
          return fail(there.error());
        }
        if (there && !is_going(*there)) {
          return {};
        }
        live_[i] = there ? std::make_shared<const json>(std::move(*there)) : nullptr;
        return apply_these({i});
      }
    }
    return {};
  }

  Status apply_step(int step) {
    MARVEL_TRY_STATUS(resolve_kinds(step));
    std::vector<std::size_t> these;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (step_of(wanted_[i].ref.resource.kind) == step &&
          report_.objects[i].action == Action::kNotTried) {
        these.push_back(i);
      }
    }
    MARVEL_TRY_STATUS(apply_these(these));
    return step == 1 && !report_.failed() && !these.empty() && real() ? wait_for_new_kinds(these)
                                                                      : Status();
  }

  Status apply_these(const std::vector<std::size_t>& these) {
    std::mutex mutex;  // guards what follows
    Status may_write;  // a lease that fails for a moment leaves objects out, so it ends the run
    kube::in_parallel(connection_, these.size(), [&](kube::Client& client, std::size_t i) {
      Status ours = still_ours();
      if (ours) {
        return apply_one(client, these[i]);
      }
      const std::lock_guard lock(mutex);
      if (may_write) {
        may_write = std::move(ours);
      }
    });
    MARVEL_TRY_STATUS(std::move(may_write));
    MARVEL_TRY_STATUS(still_ours());
    for (const std::size_t i : these) {
      const Action action = report_.objects[i].action;
      report_.changed |= action == Action::kCreated || action == Action::kConfigured;
    }
    return {};
  }

  // Kinds that a definition of this run has brought.
  Status resolve_kinds(int step) {
    for (std::size_t i = 0; i < wanted_.size() && step >= 2 && real(); ++i) {
      Wanted& one = wanted_[i];
      if (one.unknown_kind) {
        const kube::Resource& names = one.ref.resource;
        MARVEL_TRY(one.ref.resource, wait_for_kind(client_, discovery_, names.api_version(),
                                                   names.kind, [this] { return still_ours(); }));
        one.unknown_kind = false;
        if (!one.ref.resource.namespaced) {
          one.ref.space.clear();
        }
        report_.objects[i].ref = one.ref;
      }
    }
    return {};
  }

  // Where the object has secrets, and where it had them before.
  [[nodiscard]] deploy::Hidden hidden_in(const Wanted& wanted) const {
    deploy::Hidden hidden = wanted.hidden;
    const auto old = report_.inventory.hidden.find(wanted.ref.text());
    if (old != report_.inventory.hidden.end()) {
      hidden.insert(old->second.begin(), old->second.end());
    }
    return hidden;
  }

  void apply_one(kube::Client& client, std::size_t i) {
    ObjectResult& result = report_.objects[i];
    const bool going = live_[i] && is_going(*live_[i]);
    const bool untried = options_.dry_run == DryRun::kClient || wanted_[i].unknown_kind ||
                         comes_with_namespace(wanted_[i]) || (going && !real());
    if (untried) {
      result.action = live_[i] && !going ? Action::kConfigured : Action::kCreated;
      return;
    }
    if (going) {
      if (auto error = let_go(client, i)) {
        return fail_object(result, std::move(*error));
      }
    }
    apply_object(client, options_, wanted_[i], hidden_in(wanted_[i]), live_[i].get(), result);
  }

  // What is written to an object that is being deleted goes with it.
  std::optional<Error> let_go(kube::Client& client, std::size_t i) {
    const ObjectRef& ref = wanted_[i].ref;
    if (options_.on_wait) {
      const std::lock_guard lock(waiting_);
      options_.on_wait(ref.text() + " is being deleted; waiting until it is gone");
    }
    auto now = wait_until_gone(client, ref, *live_[i], options_.deletion_patience,
                               [this] { return still_ours(); });
    if (!now) {
      return std::move(now).error();
    }
    live_[i] = std::move(*now);
    return stranger_at(client, i);
  }

  // A dry run has made no namespace in which the server could try it.
  [[nodiscard]] bool comes_with_namespace(const Wanted& wanted) const {
    for (std::size_t i = 0; i < wanted_.size() && !real(); ++i) {
      if (wanted_[i].ref.resource.kind == "Namespace" && wanted_[i].ref.name == wanted.ref.space) {
        return !live_[i];
      }
    }
    return false;
  }

  // Objects of a new kind are refused until its definition is established.
  Status wait_for_new_kinds(const std::vector<std::size_t>& these) {
    std::vector<ObjectRef> refs;
    for (const std::size_t i : these) {
      refs.push_back(wanted_[i].ref);
    }
    MARVEL_TRY_STATUS(wait_for_definitions(client_, refs, [this] { return still_ours(); }));
    discovery_.reset();
    return {};
  }

  // --- the end ---

  // Some servers show one object in two groups (an Ingress in extensions and networking.k8s.io), so
  // a member of the old group may be what is wanted of the new one: the uid tells.
  [[nodiscard]] std::vector<Member> unwanted() const {
    std::set<std::string> kept;
    for (const auto& live : live_) {
      kept.insert(live ? text(*live, {"metadata", "uid"}) : "");
    }
    std::vector<Member> rest = surplus(members_, wanted_);
    std::erase_if(rest, [&](const Member& member) {
      const std::string uid = text(*member.object, {"metadata", "uid"});
      return (!uid.empty() && kept.contains(uid)) || (options_.singleton && is_marker(member));
    });
    return rest;
  }

  // Nobody has to be asked about what is being deleted already.
  [[nodiscard]] std::vector<Member> to_prune() const {
    std::vector<Member> rest = unwanted();
    std::erase_if(rest, [](const Member& member) { return is_going(*member.object); });
    return rest;
  }

  // Asks before anything of the service is written, under the lease. The marker of what is no
  // singleton any more is not the user's: it goes unasked.
  [[nodiscard]] Status agree_to_prune(const MayPrune& may_prune) const {
    const std::vector<Member> rest = options_.prune ? to_prune() : std::vector<Member>();
    if (rest.empty()) {
      return {};
    }
    MARVEL_TRY_STATUS(check_prunable(rest));
    std::vector<ObjectRef> refs;
    for (const auto& member : rest) {
      if (!is_marker(member)) {
        refs.push_back(member.ref);
      }
    }
    return refs.empty() ? Status() : may_prune(refs);
  }

  Status prune_and_settle() {
    MARVEL_CHECK(
        std::none_of(report_.objects.begin(), report_.objects.end(),
                     [](const ObjectResult& result) { return result.action == Action::kNotTried; }),
        "nothing is pruned or settled before every object was tried");
    const std::vector<Member> rest = to_prune();
    if (options_.prune) {
      MARVEL_TRY_STATUS(prune(rest));
    }
    return real() && !report_.failed() ? settle(rest.empty() || options_.prune) : Status();
  }

  Status prune(const std::vector<Member>& rest) {
    for (const auto& member : rest) {
      MARVEL_TRY_STATUS(still_ours());
      ObjectResult result{member.ref, "", Action::kPruned, {}, {}, {}};
      if (real()) {
        if (auto error = delete_object(client_, member, false)) {
          fail_object(result, std::move(*error));
        }
      }
      report_.changed = true;
      report_.objects.push_back(std::move(result));
    }
    return {};
  }

  // Members that were pruned, now or before, and are held by finalizers. One that cannot be read
  // may be there.
  [[nodiscard]] std::vector<ObjectRef> leaving() {
    std::vector<ObjectRef> refs;
    for (const auto& member : unwanted()) {
      const auto now = client_.get(member.ref.path(), {}, "reading " + member.ref.text());
      if (now || now.error().reason != "not_found") {
        refs.push_back(member.ref);
      }
    }
    return refs;
  }

  // What the inventory says when all is done.
  Result<Inventory> settled(bool pruned) {
    Inventory now = report_.inventory;
    if (pruned) {
      now = with_singleton(extended(exact(now, wanted_), leaving()));
      now.hidden = places_of(wanted_);
    }
    now.wanted = names_of(wanted_);
    MARVEL_TRY(now.digest, digest_of(wanted_));
    now.unfinished = false;
    return now;
  }

  Status settle(bool pruned) {
    MARVEL_TRY_STATUS(still_ours());
    MARVEL_TRY(Inventory now, settled(pruned));
    // A run that was cut off after its last object is recorded by the next one, which changes
    // nothing.
    const bool next = report_.changed || is_new_ || now.digest != report_.inventory.digest;
    if (next) {
      ++now.revision;
      MARVEL_TRY_STATUS(record(now));
    }
    if (next || says_else(now, report_.inventory)) {
      MARVEL_TRY_STATUS(write_inventory(client_, now, false));
    }
    report_.inventory = std::move(now);
    return {};
  }

  // A service that runs is not called failed because its past cannot be kept.
  Status record(const Inventory& now) {
    Status done = keep_revision(now);
    if (!done && done.error().reason == "forbidden") {
      report_.unrecorded = done.error().message;
      return {};
    }
    return done;
  }

  Status keep_revision(const Inventory& now) {
    if (options_.history_limit > 0) {
      MARVEL_TRY(const bool kept, write_revision(client_, now,
                                                 {now.revision, "", options_.cause, now.origin,
                                                  options_.singleton, objects_of(wanted_)}));
      report_.unrecorded = kept ? "" : "it does not fit into a Secret";
    }
    return trim_history(client_, now, options_.history_limit);
  }

  std::shared_ptr<kube::Connection> connection_;
  const ApplyOptions& options_;
  kube::Client client_;
  kube::Discovery discovery_;
  ApplyReport report_;
  std::vector<Wanted> wanted_;
  std::vector<Member> members_;
  LiveObjects live_;  // of wanted_, in the same order; null for what is not there
  bool is_new_ = true;
  bool moved_ = false;                // to another origin
  std::unique_ptr<LeaseHold> lease_;  // of a real run, from the second look on
  std::mutex waiting_;                // one call of on_wait at a time
};

}  // namespace

bool ApplyReport::failed() const {
  return std::any_of(objects.begin(), objects.end(),
                     [](const ObjectResult& result) { return result.action == Action::kFailed; });
}

Result<ApplyReport> apply(const std::shared_ptr<kube::Connection>& connection,
                          const std::string& name, const std::string& space,
                          const std::vector<deploy::Object>& objects, const ApplyOptions& options,
                          const MayPrune& may_prune) {
  return Run(connection, options).go(name, space, objects, may_prune);
}

}  // namespace marvel::rollout
