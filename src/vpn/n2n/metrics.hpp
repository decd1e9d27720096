#pragma once

#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <string>

namespace marvel::vpn::n2n {

// What Prometheus gets, with the names that nodes of the native protocol have, too.
std::string metrics(const Edge& edge);
std::string metrics(const Supernode& supernode);

}  // namespace marvel::vpn::n2n
