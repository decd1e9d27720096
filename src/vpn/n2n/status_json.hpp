#pragma once

#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <string>

namespace marvel::vpn::n2n {

// The state of a node as one JSON object: docs/formats/vpn-json.md. `threads` carry packets. No
// secrets.
std::string status_json(const Edge& edge, const std::string& device, int threads = 1);
std::string status_json(const Supernode& supernode, int threads = 1);

}  // namespace marvel::vpn::n2n
