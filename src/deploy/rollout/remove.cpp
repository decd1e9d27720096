#include "deploy/rollout/remove.hpp"

#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/members.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {

using kube::text;
using nlohmann::json;

namespace {

std::string uid_of(const json& object) {
  return text(object, {"metadata", "uid"});
}

// What a 409 of a DELETE means: nothing when the object that was meant is gone or on its way out.
std::optional<Error> still_there(kube::Client& client, const Member& member, Error refusal) {
  const auto now = client.get(member.ref.path(), {}, "reading " + member.ref.text());
  if (!now) {
    return now.error().reason == "not_found" ? std::nullopt : std::optional(now.error());
  }
  if (uid_of(*now) != uid_of(*member.object)) {
    return Error{Errc::kConflict,
                 member.ref.text() + " was made anew meanwhile, and this one was not deleted",
                 "run it again to see what would go now",
                 {}};
  }
  const bool going = !text(*now, {"metadata", "deletionTimestamp"}).empty();
  return going ? std::nullopt : std::optional(std::move(refusal));
}

}  // namespace

std::optional<Error> delete_object(kube::Client& client, const Member& member, bool dry_run) {
  json options = {{"propagationPolicy", "Background"},
                  {"preconditions", {{"uid", text(*member.object, {"metadata", "uid"})}}}};
  if (dry_run) {
    options["dryRun"] = json::array({"All"});
  }
  const auto reply = client.exchange(
      {.method = "DELETE", .path = member.ref.path(), .body = kube::json_text(options)});
  if (!reply) {
    return reply.error();
  }
  if (reply->ok() || reply->status == 404) {
    return std::nullopt;
  }
  Error refusal =
      to_error(kube::read_status(reply->status, reply->body), "deleting " + member.ref.text());
  return reply->status == 409 ? still_there(client, member, std::move(refusal)) : refusal;
}

namespace {

// Another run may have had the lease since `members` were read, and nothing is deleted that nobody
// was asked about: neither a new object nor one that was made anew.
Status nothing_new(kube::Client& client, const Inventory& inventory,
                   const std::vector<Member>& members) {
  MARVEL_TRY(const auto now, read_inventory(client, inventory.name, inventory.space));
  if (!now) {
    return {};
  }
  kube::Discovery discovery(client);
  MARVEL_TRY(const auto there, list_members(client, discovery, *now));
  for (const Member& one : there) {
    const bool known = std::any_of(members.begin(), members.end(), [&one](const Member& member) {
      return member.ref.path() == one.ref.path() && uid_of(*member.object) == uid_of(*one.object);
    });
    if (!known) {
      return fail(Errc::kConflict,
                  "another run has added " + one.ref.text() + " to service " + inventory.name +
                      " meanwhile; nothing was deleted",
                  "run it again to see all that would go");
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ObjectResult>> remove_service(
    const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
    const std::vector<Member>& members, DryRun dry_run, const LeaseRules& rules) {
  kube::Client client(connection);
  std::unique_ptr<LeaseHold> lease;
  if (dry_run == DryRun::kNone) {
    MARVEL_TRY(lease, LeaseHold::acquire(connection, inventory.name, inventory.space, rules));
    MARVEL_TRY_STATUS(nothing_new(client, inventory, members));
  }
  std::vector<ObjectResult> results;
  bool complete = true;
  for (const auto& member : surplus(members, {})) {
    MARVEL_TRY_STATUS(lease ? lease->confirm() : Status());
    ObjectResult result{member.ref, "", Action::kPruned, {}, {}, {}};
    if (dry_run != DryRun::kClient) {
      if (auto error = delete_object(client, member, dry_run == DryRun::kServer)) {
        result.action = Action::kFailed;
        result.error = std::move(error);
        complete = false;
      }
    }
    results.push_back(std::move(result));
  }
  if (lease && complete) {
    MARVEL_TRY_STATUS(lease->confirm());
    MARVEL_TRY_STATUS(trim_history(client, inventory, 0));
    MARVEL_TRY_STATUS(delete_inventory(client, inventory));
  }
  return results;
}

}  // namespace marvel::rollout
