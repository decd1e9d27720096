#pragma once

#include "vpn/node/edge.hpp"
#include "vpn/node/supernode.hpp"

#include <string>

namespace marvel::vpn {

// The state of a node as one JSON object: docs/formats/vpn-json.md. `threads` carry packets. No
// secrets, but names and addresses of all peers, so only who may know them gets it. `community` and
// `device` are names for people that the edge itself does not know. On the node's thread, between
// its calls.
std::string status_json(const Edge& edge, Time now, const std::string& community,
                        const std::string& device, int threads = 1);
// Of a super node: its registered edges, what it has relayed, and drops.
std::string status_json(const Supernode& supernode, int threads = 1);

}  // namespace marvel::vpn
