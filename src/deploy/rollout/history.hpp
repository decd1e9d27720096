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
//
// A rollback applies the objects of an old revision, which makes a new one: numbers only rise.
struct Revision {
  // From 1; of the Inventory that was written with it.
  int number = 0;
  // When it was first written, RFC 3339 in UTC by the server's clock; empty before that.
  std::string when;
  std::string cause;                    // "apply", "rollback to 3"
  std::string origin;                   // id of the template, or empty
  bool singleton = false;               // of the template
  std::vector<deploy::Object> objects;  // without the label of the set
};

// The Secret of a revision as a body of server-side apply, and read from the server. kInput for one
// that is damaged, unpacks to more than 64 MiB, or does not say where its secrets are: without that
// nobody could show it.
nlohmann::json revision_object(const Inventory& inventory, const Revision& revision);
Result<Revision> revision_from(const nlohmann::json& secret);

// SHA-256 in hexadecimal over what is wanted, whatever its order: whether two revisions are the
// same.
Result<std::string> digest_of(const std::vector<Wanted>& wanted);
// The objects of `wanted`, as a revision keeps them: without the set's label, with what is hidden.
std::vector<deploy::Object> objects_of(const std::vector<Wanted>& wanted);

// Server-side apply, so that a run which was cut off may write it again. False, and nothing
// written, when it does not fit into a Secret (1 MiB, packed).
Result<bool> write_revision(kube::Client& client, const Inventory& inventory,
                            const Revision& revision);

// Newest first. A damaged one is left out and named in `damaged`, in words: "Secret NAME holds
// ...".
struct History {
  std::vector<Revision> revisions;
  std::vector<std::string> damaged;
};
// All that are kept, with their objects: a list of Secrets that may be some MiB long.
Result<History> read_history(kube::Client& client, const Inventory& inventory);

// One of them. kNotFound when it is not kept (any more), kInput when it is damaged.
Result<Revision> read_revision(kube::Client& client, const Inventory& inventory, int number);

// Notes in `inventory` what a run of before that was noted wanted: the objects of the revision that
// runs, and where their secrets are. Does nothing where it is noted. When another run has begun
// since, only the places are taken, as what that one wanted is not known; when the revision is not
// kept, is damaged or must not be read, nothing.
Status note_from_revision(kube::Client& client, Inventory& inventory);

// Deletes all but the newest `keep`, damaged ones first; those that are gone already do not matter.
// 0 deletes the history.
Status trim_history(kube::Client& client, const Inventory& inventory, std::size_t keep);

}  // namespace marvel::rollout
