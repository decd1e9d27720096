#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <string>

namespace marvel::vpn {

// Counters of a node in the text format of Prometheus (version 0.0.4). docs/formats/vpn-json.md has
// the names. No secrets, no keys. On the node's thread, between its calls; the cost grows with the
// number of peers, each of which has lines while it has a session and a name.
std::string metrics(const Edge& edge, Time now, const std::string& community);
// Registered edges by community, what was relayed, and drops.
std::string metrics(const Supernode& supernode);

}  // namespace marvel::vpn
