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

// Nothing when the object is gone, whoever did it. The uid keeps a namesake safe.
std::optional<Error> delete_object(kube::Client& client, const Member& member, bool dry_run);

// Deletes all members, last step first, then the revisions and the inventory. `members` says what
// there was. kConflict when another run has the service.
Result<std::vector<ObjectResult>> remove_service(
    const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
    const std::vector<Member>& members, DryRun dry_run, const LeaseRules& rules = {});

}  // namespace marvel::rollout
