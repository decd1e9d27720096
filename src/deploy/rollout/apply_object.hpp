#pragma once

#include "deploy/kube/client.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/plan.hpp"

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Server-side apply of one object, for real or as the server's dry run; `live` is the object as it
// was, or null; `hidden` names what must not be shown of both. What came of it stands in `result`:
// the action, what changed when options ask for it, or the error with each field that belongs to
// somebody else. One request. Any thread, with a client of its own.
//
// kUnchanged is told by the version that the server gives the object: it stays when an apply
// changes nothing. Where it moved all the same, as it does when a controller writes the status, or
// in a dry run, the fields are compared.
void apply_object(kube::Client& client, const ApplyOptions& options, const Wanted& wanted,
                  const deploy::Hidden& hidden, const nlohmann::json* live, ObjectResult& result);

void fail_object(ObjectResult& result, Error error);

}  // namespace marvel::rollout
