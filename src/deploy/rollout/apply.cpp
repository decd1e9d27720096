// The order is what makes a run repeatable at every point where it may be cut off:
//   1. read      the inventory, its members, and what is wanted
//   2. promise   the inventory names the kinds of old and new members
//   3. apply     step by step; each object carries the set's label from its first moment
//   4. prune     members that nobody wants any more
//   5. settle    the revision is kept, and the inventory names exactly what is there
#include "deploy/rollout/apply.hpp"

#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/parallel.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/readiness.hpp"
#include "deploy/rollout/remove.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::chrono::seconds kDefinitionPatience{60};

// ".spec.replicas" and ".data.a" in a body, as JSON; empty when it is not as simple as that.
std::string value_at(const json& object, const std::string& path) {
  const json* value = &object;
  std::size_t at = 1;
  while (at < path.size()) {
    const auto end = path.find('.', at);
    const auto found = value->is_object() ? value->find(path.substr(at, end - at)) : value->end();
    if (!value->is_object() || found == value->end()) {
      return {};
    }
    value = &*found;
    at = end == std::string::npos ? path.size() : end + 1;
  }
  return kube::json_text(*value);
}

// "conflict with \"kubectl\" using apps/v1" -> kubectl
std::string owner_in(const std::string& message) {
  const auto open = message.find('"');
  const auto close = open == std::string::npos ? open : message.find('"', open + 1);
  return close == std::string::npos ? message : message.substr(open + 1, close - open - 1);
}

std::vector<FieldConflict> conflicts_of(const kube::ApiStatus& status, const std::string& body,
                                        const json* live) {
  std::vector<FieldConflict> conflicts;
  const json ours = json::parse(body, nullptr, false);
  const bool secret = text(ours, {"kind"}) == "Secret";
  for (const auto& cause : status.causes) {
    if (cause.reason == "FieldManagerConflict") {
      conflicts.push_back({cause.field, owner_in(cause.message),
                           secret || live == nullptr ? "" : value_at(*live, cause.field),
                           secret ? "" : value_at(ours, cause.field)});
    }
  }
  return conflicts;
}

class Run {
 public:
  Run(const std::shared_ptr<kube::Connection>& connection, const ApplyOptions& options)
      : connection_(connection), options_(options), client_(connection), discovery_(client_) {}

  Result<ApplyReport> go(const std::string& name, const std::string& space,
                         const std::vector<deploy::Object>& objects, const MayPrune& may_prune) {
    MARVEL_TRY_STATUS(read(name, space, objects));
    if (!report_.running_as.empty()) {
      return std::move(report_);
    }
    MARVEL_TRY_STATUS(apply_step(0));  // the service's own namespace may be one of its objects
    if (real() && !report_.failed()) {
      MARVEL_TRY(lease_, LeaseHold::acquire(connection_, name, space, options_.lease));
      MARVEL_TRY_STATUS(read_again(name, space));
    }
    MARVEL_TRY_STATUS(claim_singleton());
    if (!report_.running_as.empty()) {
      return std::move(report_);
    }
    MARVEL_TRY_STATUS(promise());
    for (int step = 1; step < kSteps && !report_.failed(); ++step) {
      MARVEL_TRY_STATUS(apply_step(step));
    }
    if (!report_.failed()) {
      MARVEL_TRY_STATUS(prune_and_settle(may_prune));
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool real() const { return options_.dry_run == DryRun::kNone; }
  // Before anything is written.
  [[nodiscard]] Status still_ours() const { return lease_ ? lease_->confirm() : Status(); }

  Status read(const std::string& name, const std::string& space,
              const std::vector<deploy::Object>& objects) {
    MARVEL_TRY_STATUS(check_service_name(name));
    MARVEL_TRY(auto there, read_inventory(client_, name, space));
    if (there) {
      report_.inventory = std::move(*there);
      MARVEL_TRY_STATUS(check_origin());
      is_new_ = false;
    } else {
      MARVEL_TRY(report_.inventory, new_inventory(name, space, options_.origin));
    }
    MARVEL_TRY(wanted_, prepare(objects, report_.inventory, discovery_));
    for (const auto& one : wanted_) {
      report_.objects.push_back({one.ref, one.where, Action::kNotTried, {}, {}, {}});
    }
    return read_members();
  }

  [[nodiscard]] Status check_origin() const {
    const std::string& old = report_.inventory.origin;
    if (!old.empty() && !options_.origin.empty() && old != options_.origin) {
      return fail(Errc::kConflict,
                  "service " + report_.inventory.name + " was made from template " + old +
                      ", not " + options_.origin,
                  "choose another --name, or delete it first");
    }
    return {};
  }

  Status read_members() {
    if (!is_new_) {
      MARVEL_TRY(members_, list_members(client_, discovery_, report_.inventory));
    }
    return {};
  }

  // Somebody else may have held the lease since the first look.
  Status read_again(const std::string& name, const std::string& space) {
    MARVEL_TRY(auto there, read_inventory(client_, name, space));
    if (there && (is_new_ || there->revision != report_.inventory.revision)) {
      report_.inventory = std::move(*there);
      is_new_ = false;
      return read_members();
    }
    return {};
  }

  // A ConfigMap of a fixed name decides who was first: creating it fails when it is there.
  Status claim_singleton() {
    if (!options_.singleton || !real()) {
      return {};
    }
    const Inventory& own = report_.inventory;
    const std::string folder =
        "/api/v1/namespaces/" + net::percent_encode(own.space) + "/configmaps";
    const std::string name = "marvel-singleton-" + own.origin;
    const json marker = {
        {"apiVersion", "v1"},
        {"kind", "ConfigMap"},
        {"metadata",
         {{"name", name}, {"labels", {{kServiceLabel, own.name}, {kPartOfLabel, own.id}}}}}};
    MARVEL_TRY(
        const auto reply,
        client_.exchange({.method = "POST", .path = folder, .body = kube::json_text(marker)}));
    if (reply.status == 409) {
      MARVEL_TRY(const json there, client_.get(folder + "/" + name, {}, "reading " + name));
      const std::string other = text(there, {"metadata", "labels", kServiceLabel});
      report_.running_as = other == own.name ? "" : other;
    } else if (!reply.ok()) {
      return fail(to_error(kube::read_status(reply.status, reply.body), "creating " + name));
    }
    singleton_ = name;
    return {};
  }

  Status promise() {
    if (!real() || report_.failed()) {
      return {};
    }
    Inventory both = with_singleton(extended(report_.inventory, wanted_));
    if (is_new_ || both.kinds != report_.inventory.kinds ||
        both.spaces != report_.inventory.spaces) {
      MARVEL_TRY_STATUS(write_inventory(client_, both, false));
    }
    report_.inventory = std::move(both);
    return {};
  }

  [[nodiscard]] Inventory with_singleton(Inventory inventory) const {
    const auto at = std::lower_bound(inventory.kinds.begin(), inventory.kinds.end(), "ConfigMap");
    if (!singleton_.empty() && (at == inventory.kinds.end() || *at != "ConfigMap")) {
      inventory.kinds.insert(at, "ConfigMap");
    }
    return inventory;
  }

  // --- objects ---

  Status apply_step(int step) {
    MARVEL_TRY_STATUS(resolve_kinds(step));
    std::vector<std::size_t> these;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (step_of(wanted_[i].ref.resource.kind) == step) {
        these.push_back(i);
      }
    }
    kube::in_parallel(connection_, these.size(), [&](kube::Client& client, std::size_t i) {
      if (still_ours()) {
        apply_one(client, wanted_[these[i]], report_.objects[these[i]]);
      }
    });
    MARVEL_TRY_STATUS(still_ours());
    for (const std::size_t i : these) {
      const Action action = report_.objects[i].action;
      report_.changed |= action == Action::kCreated || action == Action::kConfigured;
    }
    return step == 1 && !report_.failed() && !these.empty() && real() ? wait_for_definitions(these)
                                                                      : Status();
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

  [[nodiscard]] const json* live_of(const ObjectRef& ref) const {
    for (const auto& member : members_) {
      if (member.ref.same_object(ref)) {
        return member.object.get();
      }
    }
    return nullptr;
  }

  void apply_one(kube::Client& client, const Wanted& wanted, ObjectResult& result) const {
    const json* live = live_of(wanted.ref);
    if (options_.dry_run == DryRun::kClient || wanted.unknown_kind) {
      result.action = live == nullptr ? Action::kCreated : Action::kConfigured;
      return;
    }
    // An object that is no member may still be there; then its fields are looked at as well.
    json found;
    if (live == nullptr && options_.with_changes) {
      if (auto object = client.get(wanted.ref.path(), {}, "reading " + wanted.ref.text())) {
        found = std::move(*object);
        live = &found;
      }
    }
    const auto reply = client.exchange(apply_call(wanted));
    if (!reply) {
      return fail_object(result, reply.error());
    }
    if (!reply->ok()) {
      return read_refusal(*reply, wanted, live, result);
    }
    const auto now = kube::parse_json(reply->body, "the server's answer");
    if (!now) {
      return fail_object(result, now.error());
    }
    result.action = action_of(*reply, live, *now);
    if (options_.with_changes) {
      result.changes = differences(live == nullptr ? json::object() : *live, *now);
      if (options_.dry_run == DryRun::kServer && live != nullptr) {
        result.action = result.changes.empty() ? Action::kUnchanged : Action::kConfigured;
      }
    }
  }

  [[nodiscard]] kube::Call apply_call(const Wanted& wanted) const {
    kube::Call call{.method = "PATCH",
                    .path = wanted.ref.path(),
                    .query = {{"fieldManager", kManager}, {"fieldValidation", "Strict"}},
                    .body = wanted.body,
                    .content_type = kube::kServerSideApply};
    if (options_.force_conflicts) {
      call.query.emplace_back("force", "true");
    }
    if (options_.dry_run == DryRun::kServer) {
      call.query.emplace_back("dryRun", "All");
    }
    return call;
  }

  // A dry run's answer keeps the version, whatever it would change: then fields decide.
  [[nodiscard]] Action action_of(const kube::Reply& reply, const json* live,
                                 const json& now) const {
    if (reply.status == 201) {
      return Action::kCreated;
    }
    if (live == nullptr) {
      return Action::kConfigured;
    }
    if (options_.dry_run == DryRun::kServer) {
      return differences(*live, now).empty() ? Action::kUnchanged : Action::kConfigured;
    }
    const bool same =
        text(*live, {"metadata", "resourceVersion"}) == text(now, {"metadata", "resourceVersion"});
    const bool same_generation = kube::whole(*live, {"metadata", "generation"}) ==
                                 kube::whole(now, {"metadata", "generation"});
    // Controllers write the status meanwhile, which moves the version as well.
    return same || (same_generation && differences(*live, now).empty()) ? Action::kUnchanged
                                                                        : Action::kConfigured;
  }

  static void fail_object(ObjectResult& result, Error error) {
    result.action = Action::kFailed;
    result.error = std::move(error);
  }

  static void read_refusal(const kube::Reply& reply, const Wanted& wanted, const json* live,
                           ObjectResult& result) {
    auto status = kube::read_status(reply.status, reply.body);
    // Servers call an object that fits no schema an error of their own.
    if (status.message.find("failed to create typed patch object") != std::string::npos) {
      status.code = 400;
    }
    Error error = to_error(status, "applying " + wanted.ref.text());
    if (error.reason == "rejected") {
      error.context.push_back(wanted.where);
    }
    if (reply.status == 409) {
      result.conflicts = conflicts_of(status, wanted.body, live);
      error.hint = "--force-conflicts takes the fields over";
    }
    fail_object(result, std::move(error));
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

  Status prune_and_settle(const MayPrune& may_prune) {
    std::vector<Member> rest = surplus(members_, wanted_);
    std::erase_if(rest, [this](const Member& member) {
      return member.ref.resource.kind == "ConfigMap" &&
             member.ref.name == "marvel-singleton-" + report_.inventory.origin;
    });
    bool pruned = rest.empty();
    if (!rest.empty() && options_.prune) {
      MARVEL_TRY_STATUS(check_prunable(rest));
      std::vector<ObjectRef> refs;
      for (const auto& member : rest) {
        refs.push_back(member.ref);
      }
      if (may_prune(refs)) {  // which may take somebody a while
        MARVEL_TRY_STATUS(prune(rest));
        pruned = true;
      }
    }
    return real() && !report_.failed() ? settle(pruned) : Status();
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
    // A run that was cut off after its last object is recorded by the next one, which changes
    // nothing.
    const bool next = report_.changed || is_new_ || now.digest != report_.inventory.digest;
    if (next) {
      ++now.revision;
      MARVEL_TRY_STATUS(record(now));
    }
    if (next || now.kinds != report_.inventory.kinds || now.spaces != report_.inventory.spaces) {
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
  std::string singleton_;
  bool is_new_ = true;
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
