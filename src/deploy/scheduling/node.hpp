#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/node_affinity.hpp"
#include "deploy/scheduling/resources.hpp"
#include "deploy/scheduling/taint.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// What scheduling needs to know of a node, without the rest of the API object.
struct Node {
  std::string name;
  std::string resource_version;  // for guarded writes
  Labels labels;
  std::vector<Taint> taints;
  bool unschedulable = false;  // cordoned
  bool ready = false;
  Resources allocatable;
};

// kInput when the object has no name or an amount is no quantity.
Result<Node> node_from(const nlohmann::json& object);

}  // namespace marvel::scheduling
