#pragma once

#include "base/result.hpp"
#include "deploy/scheduling/node_affinity.hpp"
#include "deploy/scheduling/resources.hpp"
#include "deploy/scheduling/taint.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::scheduling {

// What scheduling needs to know of a node, without the rest of the API object, which is many times
// as large: a cluster of thousands of nodes is held in memory at once. A copy as of one read;
// nobody keeps it up to date.
struct Node {
  std::string name;
  std::string resource_version;  // of this read, for guarded writes
  Labels labels;
  std::vector<Taint> taints;
  bool unschedulable = false;  // cordoned
  // The condition Ready is True. For people: the scheduler goes by the taints that a node in
  // trouble gets, and so does judge().
  bool ready = false;
  // What pods may use in all, taken or not; "pods" is their number. Without that no pod fits.
  Resources allocatable;
};

// From a Node of the API. kInput when the object has no name, or when an amount is no quantity;
// then the error's context names the node. Other parts that are absent or odd read as empty.
Result<Node> node_from(const nlohmann::json& object);

}  // namespace marvel::scheduling
