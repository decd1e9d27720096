#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <string>

namespace marvel::vpn {

// The state of a node as one JSON object: docs/formats/vpn-json.md. `threads` carry packets. No
// secrets.
std::string status_json(const Edge& edge, Time now, const std::string& community,
                        const std::string& device, int threads = 1);
std::string status_json(const Supernode& supernode, int threads = 1);

}  // namespace marvel::vpn
