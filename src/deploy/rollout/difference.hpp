#pragma once

#include "deploy/hidden.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// One field that differs. Values are JSON on one line; an absent side is empty. Where a whole map
// or list is absent on one side, it is one change and not one for each of its fields.
struct FieldChange {
  std::string path;  // ".spec.replicas", ".spec.containers[name=web].image"
  std::string before;
  std::string after;
  bool operator==(const FieldChange&) const = default;
};

// What differs between an object as it is and as it would be, without what servers write themselves
// (status, managedFields, resourceVersion, generation, uid, creationTimestamp). Items of lists that
// have names are compared by name, others by place. Values of a Secret are shown as "********", but
// told when they differ; so is what `hidden` names, on both sides, and wherever the same text
// stands again. In the order of the keys; at most 1000 changes are told. Empty when nothing
// differs.
//
//   {".spec.replicas", "1", "3"}
//   {".spec.containers[name=web].image", "\"web:1\"", "\"web:2\""}
std::vector<FieldChange> differences(const nlohmann::json& before, const nlohmann::json& after,
                                     const deploy::Hidden& hidden = {});

}  // namespace marvel::rollout
