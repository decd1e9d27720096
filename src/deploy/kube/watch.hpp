#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <chrono>
#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// What happens to the objects of one list.
enum class Change {
  kReset,  // forget everything: a new list follows (no object)
  kAdded,  // also every object of the first list
  kModified,
  kDeleted,
  kSynced,  // the list is complete; what follows is news (no object)
};

// Returns whether to go on. What it could not take for a passing cause (a server that is away)
// comes again.
using OnChange = std::function<Result<bool>(Change change, const nlohmann::json& object)>;

// Lists `path` and then watches it until `take` says to stop, `deadline` has passed (kTimeout) or
// something final happens. Broken watches go on where they were, with growing pauses; after a 410
// or when the server has forgotten the place, the list is read again. Gives up when the server was
// unreachable for 30 s.
Status list_and_watch(Client& client, const std::string& path, const Query& query,
                      std::chrono::steady_clock::time_point deadline, const OnChange& take,
                      const std::string& what);

}  // namespace marvel::kube
