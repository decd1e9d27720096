#pragma once

#include "base/result.hpp"
#include "deploy/manifest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Where pods shall run. Both halves are needed: a toleration alone lets a pod onto a tainted node
// but does not bring it there, an affinity alone leaves it waiting in front of the taint. So
// `--layer Layer=GRNEDGE1` writes both into the spec of every pod:
//
//   tolerations: [{key: Layer, operator: Equal, value: GRNEDGE1}]
//   affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
//     {matchExpressions: [{key: Layer, operator: In, values: [GRNEDGE1]}]}]}}}
//
// Objects are changed in their bodies, after rendering; no cluster is asked.

// Nodes marked with a label and a taint of the same key and value, as `marvel taint --label` does.
struct Layer {
  std::string key = "Layer";
  std::string value;
};

// A taint that pods shall tolerate, by key and value. An empty effect stands for all effects.
struct Toleration {
  std::string key;
  std::string value;
  std::string effect;
};

// Layers of one key are alternatives, and so are nodes; layers of different keys must all hold, and
// with nodes and layers both, a node must be named and carry the layers' labels.
struct Targets {
  std::vector<Layer> layers;
  std::vector<std::string> nodes;  // names; pods may run on any of them
  // For the taints of `nodes`, which only a cluster knows: `apply` and `diff` fill them in,
  // `render` leaves them empty. Each layer's own taint is tolerated without standing here.
  std::vector<Toleration> tolerations;

  [[nodiscard]] bool empty() const {
    return layers.empty() && nodes.empty() && tolerations.empty();
  }
};

// "KEY=VALUE", or "VALUE" with the key "Layer". kUsage when either is no label of Kubernetes: at
// most 63 letters, digits, '-', '_' and '.', a key with an optional DNS prefix and '/'.
Result<Layer> read_layer(std::string_view text);
// kUsage when `name` can be no node (RFC 1123: lower-case labels between dots, 253 bytes at most).
Status check_node_name(std::string_view name);

// Where a kind keeps its pod spec, {"spec", "template", "spec"} for most; nothing for kinds without
// pods and for custom kinds, whose pods nobody here knows. The API version is not looked at.
std::optional<Path> pod_spec_path(std::string_view kind);

// Adds tolerations and required node affinity for `targets` to the pods of `object`. Terms of an
// existing affinity are alternatives, so each of them gets every condition; what is there already
// is not added again, so doing it twice changes nothing more. Alternatives that no node of the
// targets can meet are removed. Objects without pods stay as they are, and so do all for empty
// targets.
// kConflict, with file:line:column, when the object's own nodeSelector or affinity leaves no node
// of the targets. kInput when a field on the way has the wrong type, or a kind with pods has no pod
// spec. After a failure the object may be half changed: it is for the message only.
Status add_targets(Object& object, const Targets& targets);

}  // namespace marvel::deploy
