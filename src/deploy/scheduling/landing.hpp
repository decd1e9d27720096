#pragma once

#include "deploy/scheduling/node.hpp"
#include "deploy/scheduling/pod.hpp"

#include <string>
#include <vector>

namespace marvel::scheduling {

// For checking that images exist for every platform that their pods may land on, before they are
// rolled out.
//
// The platforms ("linux/arm64", sorted, each once) of the nodes that may take `pod` one day: by its
// taints, affinity and requests against an empty node. Whether a node is full, cordoned or away
// right now does not count: taints of Kubernetes itself (node.kubernetes.io/...) pass. Nodes that
// do not say their platform (labels kubernetes.io/os and kubernetes.io/arch, which every kubelet
// sets) count as "linux/amd64". Empty when no node may take it, or there are no nodes. What
// Pod::unjudged names is not looked at.
std::vector<std::string> landing_platforms(const Pod& pod, const std::vector<Node>& nodes);

}  // namespace marvel::scheduling
