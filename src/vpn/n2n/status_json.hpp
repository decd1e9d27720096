#pragma once

#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <string>

namespace marvel::vpn::n2n {

// The state of a node as one JSON object: docs/formats/vpn-json.md. `threads` carry packets. No
// secrets.
//
// The schemas are marvel.vpn.n2n-edge/1 and marvel.vpn.n2n-supernode/1. `device` is the name of the
// edge's TAP. What others say of themselves is escaped. Called by the node's thread, between its
// other calls; costs an object for each peer or edge.
std::string status_json(const Edge& edge, const std::string& device, int threads = 1);
std::string status_json(const Supernode& supernode, int threads = 1);

}  // namespace marvel::vpn::n2n
