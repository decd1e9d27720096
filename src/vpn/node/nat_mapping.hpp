#pragma once

#include "vpn/wire/endpoint.hpp"

#include <string_view>
#include <vector>

namespace marvel::vpn {

// How the NAT in front of a node maps its port, in the words of RFC 4787: the kind that decides
// whether direct paths can be made. Which packets it lets in is not looked for, because
// direct paths do not depend on it.
enum class NatMapping : std::uint8_t {
  kUnknown,    // nobody, or only one, has seen this node from outside
  kOpen,       // seen under its own address: no NAT on the way
  kCone,       // one outside port towards all (endpoint-independent mapping)
  kSymmetric,  // another outside port for each destination
};
// The words of the status: "open", "cone", "symmetric", "unknown".
std::string_view nat_mapping_name(NatMapping kind);

// One who tells where it sees this node: a super node, or a peer over the direct path. `observer`
// is where the node reaches it, `seen` the answer; an empty `seen` says nothing and is left out.
struct Observation {
  Endpoint observer;
  Endpoint seen;
};

struct NatFinding {
  NatMapping kind = NatMapping::kUnknown;
  std::size_t observers = 0;  // different addresses outside that the finding rests on
};

// `own`: the node's addresses on its machine, with its port. Observers that see one of these are
// inside of the NAT, unless all are. Where IPv4 was seen IPv6 does not count: each family has a NAT
// of its own, and the one of IPv4 is the one that is in the way.
//
//   seen as                                   finding
//   own address by all                        kOpen
//   203.0.113.7:5000 by two addresses         kCone
//   203.0.113.7:5000 and 203.0.113.7:5001     kSymmetric
//   203.0.113.7:5000 by one address           kUnknown
NatFinding nat_mapping(const std::vector<Endpoint>& own, const std::vector<Observation>& all);

}  // namespace marvel::vpn
