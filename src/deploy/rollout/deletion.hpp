#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/lease.hpp"
#include "deploy/rollout/plan.hpp"

#include <chrono>
#include <memory>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Objects that are being deleted. One that has finalizers (a Service with a load balancer, a claim
// that a pod mounts) stays until those are done, for minutes sometimes. It still takes writes, and
// goes all the same, so whoever wants the object has to wait and make it anew.

// Whether the server takes the object away.
bool is_going(const nlohmann::json& object);

// Waits until `going` is not there any more, and returns what is then there of its name: nothing,
// or an object that somebody has made meanwhile. Looks come 200 ms apart, and before each of them
// `may_go_on` is asked; a failure of it is returned. kTimeout (reason "timeout") names the
// finalizers when `patience` is over; kFailed "interrupted" after a stop of the client; else the
// errors of requests.
Result<std::shared_ptr<const nlohmann::json>> wait_until_gone(kube::Client& client,
                                                              const ObjectRef& ref,
                                                              const nlohmann::json& going,
                                                              std::chrono::milliseconds patience,
                                                              const MayGoOn& may_go_on);

}  // namespace marvel::rollout
