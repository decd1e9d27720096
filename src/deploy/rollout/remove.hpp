#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/service.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace marvel::rollout {

// Nothing when the object is gone or on its way out, whoever did it. The uid keeps a namesake safe:
// an object of the same name that was made since `member` was read stays, and is a kConflict. What
// the object has made, such as pods, goes in the background; nobody waits for it here.
std::optional<Error> delete_object(kube::Client& client, const Member& member, bool dry_run);

// Deletes all members, last step first, then the revisions and the inventory. `members` says what
// there was: list_members, read before. An object that cannot be deleted is a kFailed result; the
// others go, and the inventory stays, so that the next run finds what is left. kConflict when
// another run has the service, has added to it or made a member anew since, or takes it over
// meanwhile. Dry runs take no lease; of those kClient sends nothing at all.
Result<std::vector<ObjectResult>> remove_service(
    const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
    const std::vector<Member>& members, DryRun dry_run, const LeaseRules& rules = {});

}  // namespace marvel::rollout
