// The order is what makes a run repeatable at every point where it may be cut off:
//   1. read      the inventory and what is wanted; by a real run once more under the lease, with
//   the
//                members and whatever else is there of the objects
//   2. refuse    objects of other services, and a second singleton: nothing is written then
//   3. promise   the inventory names the kinds of old and new members, and that a run began
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
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/readiness.hpp"
#include "deploy/rollout/remove.hpp"
#include "deploy/rollout/strangers.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::seconds kDefinitionPatience{60};

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
    if (options_.with_changes && !is_new_) {
      MARVEL_TRY_STATUS(read_hidden());
    }
    MARVEL_TRY(live_, read_live(connection_, wanted_, members_));
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (auto error = live_[i] ? stranger(client_, report_.inventory, wanted_[i].ref, *live_[i])
                                : std::nullopt) {
        fail_object(report_.objects[i], std::move(*error));
      }
    }
    return look_for_twin();
  }

  // --- one service of a template ---

  [[nodiscard]] std::string marker_name() const {
    return "marvel-singleton-" + report_.inventory.origin;
  }
  [[nodiscard]] ObjectRef marker_ref() const {
    return {
        {"", "v1", "ConfigMap", "configmaps", true, {}}, report_.inventory.space, marker_name()};
  }
  [[nodiscard]] bool is_marker(const Member& member) const {
    return member.ref.same_object(marker_ref());
  }

  // A ConfigMap of a fixed name says which service it is. One that has outlived its service says
  // nothing, and is kept in outlived_.
  Status look_for_twin() {
    report_.running_as.clear();
    outlived_.reset();
    if (!options_.singleton) {
      return {};
    }
    const ObjectRef ref = marker_ref();
    auto marker = client_.get(ref.path(), {}, "reading " + ref.name);
    if (!marker) {
      return marker.error().reason == "not_found" ? Status() : fail(marker.error());
    }
    const std::string service = text(*marker, {"metadata", "labels", kServiceLabel});
    if (service == report_.inventory.name) {
      return {};
    }
    MARVEL_TRY(const auto other, read_inventory(client_, service, report_.inventory.space));
    if (other) {
      report_.running_as = service;
    } else {
      outlived_ = Member{ref, std::make_shared<const json>(std::move(*marker))};
    }
    return {};
  }

  // Of two that come at once it decides who was first: creating it fails when it is there.
  Status claim_singleton() {
    if (!options_.singleton || !real()) {
      return {};
    }
    MARVEL_TRY(bool created, create_marker());
    MARVEL_TRY_STATUS(created ? Status() : look_for_twin());
    if (!created && outlived_) {
      MARVEL_TRY(created, replace_marker(*outlived_));
      MARVEL_TRY_STATUS(created ? Status() : look_for_twin());
    }
    // The other one was faster: the promise is taken back.
    return !report_.running_as.empty() && is_new_ ? delete_inventory(client_, report_.inventory)
                                                  : Status();
  }

  // Deletes by uid, so of two that take it over at once only one deletes it.
  Result<bool> replace_marker(const Member& old) {
    if (auto error = delete_object(client_, old, false); error && error->code != Errc::kConflict) {
      return fail(std::move(*error));
    }
    return create_marker();
  }

  // False when it is there.
  Result<bool> create_marker() {
    const Inventory& own = report_.inventory;
    const json marker = {{"apiVersion", "v1"},
                         {"kind", "ConfigMap"},
                         {"metadata",
                          {{"name", marker_name()},
                           {"namespace", own.space},
                           {"labels", {{kServiceLabel, own.name}, {kPartOfLabel, own.id}}}}}};
    MARVEL_TRY(const auto reply, client_.exchange({.method = "POST",
                                                   .path = marker_ref().resource.path(own.space),
                                                   .body = kube::json_text(marker)}));
    if (!reply.ok() && reply.status != 409) {
      return fail(
          to_error(kube::read_status(reply.status, reply.body), "creating " + marker_name()));
    }
    return reply.ok();
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
    if (is_new_ || moved_ || both.unfinished != report_.inventory.unfinished ||
        both.kinds != report_.inventory.kinds || both.spaces != report_.inventory.spaces) {
      MARVEL_TRY_STATUS(write_inventory(client_, both, false));
    }
    report_.inventory = std::move(both);
    return {};
  }

  [[nodiscard]] Inventory with_singleton(Inventory inventory) const {
    const auto at = std::lower_bound(inventory.kinds.begin(), inventory.kinds.end(), "ConfigMap");
    if (options_.singleton && (at == inventory.kinds.end() || *at != "ConfigMap")) {
      inventory.kinds.insert(at, "ConfigMap");
    }
    return inventory;
  }

  // --- objects ---

  // The service's own namespace may be one of its objects, and lease and inventory lie in it.
  Status make_own_namespace() {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const ObjectRef& ref = wanted_[i].ref;
      if (ref.resource.kind == "Namespace" && ref.name == report_.inventory.space) {
        const auto there = client_.get(ref.path(), {}, "reading " + ref.text());
        if (!there && there.error().reason != "not_found") {
          return fail(there.error());
        }
        return there ? Status() : apply_these({i});
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
    return step == 1 && !report_.failed() && !these.empty() && real() ? wait_for_definitions(these)
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
        MARVEL_TRY(one.ref.resource,
                   discovery_.find(one.ref.resource.api_version(), one.ref.resource.kind));
        one.unknown_kind = false;
        if (!one.ref.resource.namespaced) {
          one.ref.space.clear();
        }
        report_.objects[i].ref = one.ref;
      }
    }
    return {};
  }

  // What runs may hold secrets that are not wanted any more. A revision that is not kept, is
  // damaged or must not be read says nothing of them.
  Status read_hidden() {
    const auto old = read_revision(client_, report_.inventory, report_.inventory.revision);
    if (!old && old.error().code != Errc::kInput && old.error().reason != "not_found" &&
        old.error().reason != "forbidden") {
      return fail(old.error());
    }
    for (const auto& object : old ? old->objects : std::vector<deploy::Object>()) {
      const std::string space = object.space().empty() ? "" : object.space() + "/";
      hidden_before_[object.kind() + " " + space + object.name()] = object.hidden();
    }
    return {};
  }

  // Where the object has secrets, and where it had them in the revision that runs.
  [[nodiscard]] deploy::Hidden hidden_in(const Wanted& wanted) const {
    deploy::Hidden hidden = wanted.hidden;
    const auto old = hidden_before_.find(wanted.ref.text());
    if (old != hidden_before_.end()) {
      hidden.insert(old->second.begin(), old->second.end());
    }
    return hidden;
  }

  void apply_one(kube::Client& client, std::size_t i) {
    ObjectResult& result = report_.objects[i];
    const bool untried = options_.dry_run == DryRun::kClient || wanted_[i].unknown_kind ||
                         comes_with_namespace(wanted_[i]);
    if (untried) {
      result.action = live_[i] ? Action::kConfigured : Action::kCreated;
    } else {
      apply_object(client, options_, wanted_[i], hidden_in(wanted_[i]), live_[i].get(), result);
    }
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
  Status wait_for_definitions(const std::vector<std::size_t>& these) {
    const auto limit = std::chrono::steady_clock::now() + kDefinitionPatience;
    for (const std::size_t i : these) {
      while (true) {
        MARVEL_TRY(const json object,
                   client_.get(wanted_[i].ref.path(), {}, "reading " + wanted_[i].ref.text()));
        const Readiness now = readiness_of(object);
        if (now.state == State::kReady) {
          break;
        }
        if (now.state == State::kFailed || std::chrono::steady_clock::now() >= limit ||
            !kube::pause(std::chrono::milliseconds(100), connection_->stop())) {
          return fail({Errc::kTimeout,
                       wanted_[i].ref.text() + " is not served: " + now.reason,
                       "",
                       {},
                       "timeout"});
        }
      }
    }
    discovery_.reset();
    return {};
  }

  // --- the end ---

  // Some servers show one object in two groups (an Ingress in extensions and networking.k8s.io), so
  // a member of the old group may be what is wanted of the new one: the uid tells.
  [[nodiscard]] std::vector<Member> to_prune() const {
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

  Status settle(bool pruned) {
    MARVEL_TRY_STATUS(still_ours());
    Inventory now = pruned ? with_singleton(exact(report_.inventory, wanted_)) : report_.inventory;
    MARVEL_TRY(now.digest, digest_of(wanted_));
    now.unfinished = false;
    // A run that was cut off after its last object is recorded by the next one, which changes
    // nothing.
    const bool next = report_.changed || is_new_ || now.digest != report_.inventory.digest;
    if (next) {
      ++now.revision;
      MARVEL_TRY_STATUS(record(now));
    }
    if (next || report_.inventory.unfinished || now.kinds != report_.inventory.kinds ||
        now.spaces != report_.inventory.spaces) {
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
  std::map<std::string, deploy::Hidden> hidden_before_;  // by ObjectRef::text()
  LiveObjects live_;                // of wanted_, in the same order; null for what is not there
  std::optional<Member> outlived_;  // a marker whose service is gone
  bool is_new_ = true;
  bool moved_ = false;                // to another origin
  std::unique_ptr<LeaseHold> lease_;  // of a real run, from the second look on
};

}  // namespace

std::string action_word(Action action) {
  switch (action) {
    case Action::kCreated:
      return "created";
    case Action::kConfigured:
      return "configured";
    case Action::kUnchanged:
      return "unchanged";
    case Action::kPruned:
      return "pruned";
    case Action::kFailed:
      return "failed";
    case Action::kNotTried:
      return "not tried";
  }
  return "not tried";
}

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
