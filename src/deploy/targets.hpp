#pragma once

#include "base/result.hpp"
#include "deploy/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Where pods shall run. Both halves are needed: a toleration alone lets a pod onto a tainted node
// but does not bring it there, an affinity alone leaves it waiting in front of the taint.

// Nodes marked with a label and a taint of the same key and value, as `marvel taint --label` does.
struct Layer {
  std::string key = "Layer";
  std::string value;
};

// A taint that pods shall tolerate. An empty effect stands for all effects.
struct Toleration {
  std::string key;
  std::string value;
  std::string effect;
};

struct Targets {
  std::vector<Layer> layers;
  std::vector<std::string> nodes;  // names; pods may run on any of them
  // For the taints of `nodes`, which only a cluster knows.
  std::vector<Toleration> tolerations;

  [[nodiscard]] bool empty() const {
    return layers.empty() && nodes.empty() && tolerations.empty();
  }
};

// "KEY=VALUE", or "VALUE" with the key "Layer". kUsage when either is no label of Kubernetes.
Result<Layer> read_layer(std::string_view text);
// kUsage when `name` can be no node.
Status check_node_name(std::string_view name);

// Where a kind keeps its pod spec; nothing for kinds without pods.
std::optional<Path> pod_spec_path(std::string_view kind);

// Adds tolerations and required node affinity for `targets` to the pods of `object`. Terms of an
// existing affinity are alternatives, so each of them gets every condition; what is there already
// is not added again. Objects without pods stay as they are.
// kConflict, with file:line:column, when the object's own nodeSelector or affinity leaves no node
// of the targets. kInput when a field on the way has the wrong type.
Status add_targets(Object& object, const Targets& targets);

}  // namespace marvel::deploy
