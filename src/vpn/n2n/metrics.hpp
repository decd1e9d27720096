#pragma once

#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <string>

namespace marvel::vpn::n2n {

// What Prometheus gets, with the names that nodes of the native protocol have, too: text of its
// format 0.0.4, as docs/formats/vpn-json.md ("Metrics") lists them. No secrets; peers are named by
// their Ethernet addresses.
//
// Of an edge: whether it is registered, frames, drops, and for each peer whether the path is
// direct. Of a super node: edges by community, what it relayed, drops. Costs a line per peer or
// community; called by the node's thread, between its other calls.
std::string metrics(const Edge& edge);
std::string metrics(const Supernode& supernode);

}  // namespace marvel::vpn::n2n
