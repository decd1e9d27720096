#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/service.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Wanted objects that are there already and are no members of the service. One of nobody is taken
// in. One of another service is not: both would send it under the same field manager, so the server
// sees no conflict, and whoever applies last, or deletes, would decide for both.

// The wanted objects as the cluster has them, in their order; null for what is not there. Those
// that are no members are asked for one by one, by up to 8 connections at a time. Objects whose
// kind the server does not know yet are not there. The first request that fails is the error.
using LiveObjects = std::vector<std::shared_ptr<const nlohmann::json>>;
Result<LiveObjects> read_live(const std::shared_ptr<kube::Connection>& connection,
                              const std::vector<Wanted>& wanted,
                              const std::vector<Member>& members);

inline constexpr const char* kOtherSet = "other_service";  // the reason of such a refusal

// Why `live` cannot be a member of the set `own`: it is one of another set. Names the service whose
// set that is, where it can be found: that needs a list of all services, which is asked for only
// then. kConflict with the reason kOtherSet; nothing for an object of nobody and for our own.
std::optional<Error> stranger(kube::Client& client, const Inventory& own, const ObjectRef& ref,
                              const nlohmann::json& live);

}  // namespace marvel::rollout
