#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <string>

namespace marvel::vpn {

// Counters of a node in the text format of Prometheus (version 0.0.4). docs/formats/vpn-json.md has
// the names. No secrets, no keys.
std::string metrics(const Edge& edge, Time now, const std::string& community);
std::string metrics(const Supernode& supernode);

}  // namespace marvel::vpn
