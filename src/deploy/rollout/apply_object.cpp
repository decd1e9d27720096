#include "deploy/rollout/apply_object.hpp"

#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/deletion.hpp"

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

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
                                        const deploy::Hidden& hidden, const json* live) {
  std::vector<FieldConflict> conflicts;
  json ours = json::parse(body, nullptr, false);
  json theirs = live == nullptr ? json() : *live;
  deploy::hide(ours, hidden);
  deploy::hide(theirs, hidden);
  const bool secret = text(ours, {"kind"}) == "Secret";
  for (const auto& cause : status.causes) {
    if (cause.reason == "FieldManagerConflict") {
      conflicts.push_back({cause.field, owner_in(cause.message),
                           secret || live == nullptr ? "" : value_at(theirs, cause.field),
                           secret ? "" : value_at(ours, cause.field)});
    }
  }
  return conflicts;
}

kube::Call apply_call(const ApplyOptions& options, const Wanted& wanted) {
  kube::Call call{.method = "PATCH",
                  .path = wanted.ref.path(),
                  .query = {{"fieldManager", kManager}, {"fieldValidation", "Strict"}},
                  .body = wanted.body,
                  .content_type = kube::kServerSideApply};
  if (options.force_conflicts) {
    call.query.emplace_back("force", "true");
  }
  if (options.dry_run == DryRun::kServer) {
    call.query.emplace_back("dryRun", "All");
  }
  return call;
}

// A dry run's answer keeps the version, whatever it would change: then fields decide.
Action action_of(const ApplyOptions& options, const kube::Reply& reply, const json* live,
                 const json& now) {
  if (reply.status == 201) {
    return Action::kCreated;
  }
  if (live == nullptr) {
    return Action::kConfigured;
  }
  if (options.dry_run == DryRun::kServer) {
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

void read_refusal(const kube::Reply& reply, const Wanted& wanted, const deploy::Hidden& hidden,
                  const json* live, ObjectResult& result) {
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
    result.conflicts = conflicts_of(status, wanted.body, hidden, live);
    if (!result.conflicts.empty()) {
      error.hint = "--force-conflicts takes the fields over";
    }
  }
  fail_object(result, std::move(error));
}

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

void fail_object(ObjectResult& result, Error error) {
  result.action = Action::kFailed;
  result.error = std::move(error);
}

void apply_object(kube::Client& client, const ApplyOptions& options, const Wanted& wanted,
                  const deploy::Hidden& hidden, const json* live, ObjectResult& result) {
  const auto reply = client.exchange(apply_call(options, wanted));
  if (!reply) {
    return fail_object(result, reply.error());
  }
  if (!reply->ok()) {
    return read_refusal(*reply, wanted, hidden, live, result);
  }
  const auto now = kube::parse_json(reply->body, "the server's answer");
  if (!now) {
    return fail_object(result, now.error());
  }
  if (options.dry_run == DryRun::kNone && is_going(*now)) {
    return fail_object(result, {Errc::kConflict,
                                wanted.ref.text() + " has been deleted meanwhile, and is on its "
                                                    "way out with all that is written to it",
                                "run it again: it waits until the object is gone",
                                {},
                                "conflict"});
  }
  result.action = action_of(options, *reply, live, *now);
  if (options.with_changes) {
    result.changes = differences(live == nullptr ? json::object() : *live, *now, hidden);
  }
}

}  // namespace marvel::rollout
