#include "deploy/scheduling/node.hpp"

#include "deploy/kube/fields.hpp"

#include <nlohmann/json.hpp>

namespace marvel::scheduling {

using kube::field;
using kube::text;
using nlohmann::json;

Result<Node> node_from(const json& object) {
  Node node;
  node.name = text(object, {"metadata", "name"});
  if (node.name.empty()) {
    return fail(Errc::kInput, "a node without metadata.name");
  }
  node.resource_version = text(object, {"metadata", "resourceVersion"});
  node.labels = kube::text_map(object, {"metadata", "labels"});
  node.taints = taints_from(field(object, {"spec", "taints"}));
  node.unschedulable = kube::flag(object, {"spec", "unschedulable"});
  for (const auto& condition : field(object, {"status", "conditions"})) {
    if (text(condition, {"type"}) == "Ready") {
      node.ready = text(condition, {"status"}) == "True";
    }
  }
  auto allocatable = resources_from(field(object, {"status", "allocatable"}));
  if (!allocatable) {
    allocatable.error().context.push_back("node " + node.name);
    return fail(std::move(allocatable).error());
  }
  node.allocatable = std::move(*allocatable);
  return node;
}

}  // namespace marvel::scheduling
