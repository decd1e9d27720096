#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/manifest.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/service.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// What a service was: one Secret `marvel-<service>.v<number>` for each apply that changed
// something, with the objects as they were sent, packed by gzip. Values of secret variables stand
// there as they stand in the service's own objects, and nowhere else; beside them stands where they
// are (Object::hidden), so that another run can show the objects without them.

struct Revision {
  int number = 0;
  std::string when;                     // RFC 3339, UTC; empty before it is written
  std::string cause;                    // "apply", "rollback to 3"
  std::string origin;                   // id of the template, or empty
  bool singleton = false;               // of the template
  std::vector<deploy::Object> objects;  // without the label of the set
};

// The Secret of a revision as a body of server-side apply, and read from the server. kInput for one
// that is damaged.
nlohmann::json revision_object(const Inventory& inventory, const Revision& revision);
Result<Revision> revision_from(const nlohmann::json& secret);

// SHA-256 over what is wanted, whatever its order: whether two revisions are the same.
Result<std::string> digest_of(const std::vector<Wanted>& wanted);
// The objects of `wanted`, as a revision keeps them.
std::vector<deploy::Object> objects_of(const std::vector<Wanted>& wanted);

// Server-side apply, so that a run which was cut off may write it again. False, and nothing
// written, when it does not fit into a Secret (1 MiB).
Result<bool> write_revision(kube::Client& client, const Inventory& inventory,
                            const Revision& revision);

// Newest first. A damaged one is left out and named in `damaged`.
struct History {
  std::vector<Revision> revisions;
  std::vector<std::string> damaged;
};
Result<History> read_history(kube::Client& client, const Inventory& inventory);

// One of them. kNotFound when it is not kept (any more).
Result<Revision> read_revision(kube::Client& client, const Inventory& inventory, int number);

// Deletes all but the newest `keep`; those that are gone already do not matter.
Status trim_history(kube::Client& client, const Inventory& inventory, std::size_t keep);

}  // namespace marvel::rollout
