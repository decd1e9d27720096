#pragma once

#include "deploy/scheduling/node.hpp"
#include "deploy/scheduling/pod.hpp"

#include <string>
#include <vector>

namespace marvel::scheduling {

// The platforms ("linux/arm64", sorted) of the nodes that may take `pod` one day: by its taints,
// affinity and requests against an empty node. Whether a node is full, cordoned or away right now
// does not count. Nodes that do not say their platform (labels kubernetes.io/os and
// kubernetes.io/arch, which every kubelet sets) count as "linux/amd64".
std::vector<std::string> landing_platforms(const Pod& pod, const std::vector<Node>& nodes);

}  // namespace marvel::scheduling
