#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/service.hpp"

#include <optional>
#include <string>
#include <vector>

namespace marvel::rollout {

// A service in the cluster is a parent (the Secret with its inventory, see service.hpp) and its
// members. These functions read and write the parent, and find the members. Errors are those of the
// requests unless something else is said.

// The inventory of a service, or nothing when there is no such service. kConflict when its parent
// belongs to somebody else.
Result<std::optional<Inventory>> read_inventory(kube::Client& client, const std::string& service,
                                                const std::string& space);

// All services of a namespace, or of all namespaces when `space` is empty; in the server's order,
// by namespace and name. Parents that are not marvel's are left out. Takes the right to list
// Secrets there.
Result<std::vector<Inventory>> list_inventories(kube::Client& client, const std::string& space);

// The objects that carry the set's label, of the kinds and in the namespaces that the inventory
// names. Kinds that the server has no more are left out. One list for each kind and namespace, one
// after the other. The label decides: what is found here and not wanted is deleted by an apply.
// Only Endpoints and EndpointSlices must have been written by marvel, too: controllers copy the
// label to theirs.
Result<std::vector<Member>> list_members(kube::Client& client, kube::Discovery& discovery,
                                         const Inventory& inventory);

// Deletes the parent; one that is gone already does not matter.
Status delete_inventory(kube::Client& client, const Inventory& inventory);

// Server-side apply of the parent; `dry_run` stores nothing. Takes the fields over whoever owns
// them: check with read_inventory first.
Status write_inventory(kube::Client& client, const Inventory& inventory, bool dry_run);

}  // namespace marvel::rollout
