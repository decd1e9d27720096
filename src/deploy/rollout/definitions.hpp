#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/plan.hpp"

#include <string>
#include <vector>

namespace marvel::rollout {

// Objects whose kind is defined by a CustomResourceDefinition of the same run. A server takes the
// definition at once and serves the kind a moment later: it establishes the names first, and what
// discovery says follows. A definition that gains a version has been established for long, so both
// are waited for, each for a minute.

// Until all definitions of `refs` are established. kTimeout (reason "timeout") says which one is
// not and why, also after a stop of the client; else the errors of requests.
Status wait_for_definitions(kube::Client& client, const std::vector<ObjectRef>& refs,
                            const MayGoOn& may_go_on);

// The resource of a kind that a definition has brought, as soon as `discovery` has it. `client` is
// the one that `discovery` asks by. kNotFound when time is over and after a stop.
Result<kube::Resource> wait_for_kind(kube::Client& client, kube::Discovery& discovery,
                                     const std::string& api_version, const std::string& kind,
                                     const MayGoOn& may_go_on);

}  // namespace marvel::rollout
