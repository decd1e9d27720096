#include "deploy/rollout/remove.hpp"

#include "deploy/kube/api_error.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/history.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/members.hpp"

#include <nlohmann/json.hpp>

namespace marvel::rollout {

using kube::text;
using nlohmann::json;

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
  if (!reply->ok() && reply->status != 404 && reply->status != 409) {
    return to_error(kube::read_status(reply->status, reply->body), "deleting " + member.ref.text());
  }
  return std::nullopt;
}

Result<std::vector<ObjectResult>> remove_service(
    const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
    const std::vector<Member>& members, DryRun dry_run, const LeaseRules& rules) {
  kube::Client client(connection);
  std::unique_ptr<LeaseHold> lease;
  if (dry_run == DryRun::kNone) {
    MARVEL_TRY(lease, LeaseHold::acquire(connection, inventory.name, inventory.space, rules));
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
