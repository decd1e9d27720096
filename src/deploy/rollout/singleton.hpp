#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/service.hpp"

#include <optional>
#include <string>

namespace marvel::rollout {

// Templates of which one service runs per namespace. A ConfigMap of a fixed name, the marker, says
// which service that is: `marvel-singleton-<template>`, with the service's name as a label. Of two
// that come at once, creating it decides who was first. It is a member of its service, and one that
// has outlived its service says nothing. Errors are those of the requests.

// The marker of the template that `own` was made from.
ObjectRef marker_ref(const Inventory& own);

// The marker is a member, whose kind the inventory has to name.
Inventory with_marker_kind(Inventory inventory);

// What the marker says.
struct Twin {
  std::string running_as;          // another service of the template; empty when there is none
  std::optional<Member> outlived;  // the marker, where its service is gone
};
Result<Twin> look_for_twin(kube::Client& client, const Inventory& own);

// Makes the marker say `own`, in place of one that has outlived its service. The name of the other
// service that was faster; empty when it is ours.
Result<std::string> claim_marker(kube::Client& client, const Inventory& own);

}  // namespace marvel::rollout
