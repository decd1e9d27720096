#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <chrono>
#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// What happens to the objects of one list. To whoever keeps a copy it looks like this:
//   the list      kAdded a, kAdded b, kSynced
//   news          kModified b, kDeleted a, kAdded c, ...
//   place lost    kReset, kAdded b, kAdded c, kSynced, and news again
// What is changed twice, or goes, while the place is lost shows only in the new list.
enum class Change {
  kReset,  // forget everything: a new list follows (no object)
  kAdded,  // also every object of the first list
  kModified,
  kDeleted,
  kSynced,  // the list is complete; what follows is news (no object)
};

// Returns whether to go on. What it could not take for a passing cause (a server that is away or
// too slow) comes again; what is final ends the watch and is returned. `object` lives for the call
// only. Must not use the client of the watch: its connection is taken.
using OnChange = std::function<Result<bool>(Change change, const nlohmann::json& object)>;

// Lists `path` and then watches it until `take` says to stop, which is success, `deadline` has
// passed (kTimeout; time_point::max() for none) or something final happens. Broken watches go on
// where they were, with pauses that grow from 100 ms to 3 s; after a 410 or when the server has
// forgotten the place, the list is read again. Gives up when nothing has come from the server for
// 30 s of tries. The client's StopFlag ends it with a failure.
//
// Calls `take` in this thread, and blocks it. Each watch is a request of a minute at most, so that
// a server that is silent for longer is known to be gone; its bookmarks move the place on while
// nothing changes.
Status list_and_watch(Client& client, const std::string& path, const Query& query,
                      std::chrono::steady_clock::time_point deadline, const OnChange& take,
                      const std::string& what);

}  // namespace marvel::kube
