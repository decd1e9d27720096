#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <string>

namespace marvel::vpn {

// The state of a node as one JSON object: docs/formats/vpn-json.md. No secrets.
std::string status_json(const Edge& edge, Time now, const std::string& community,
                        const std::string& device);
std::string status_json(const Supernode& supernode);

}  // namespace marvel::vpn
