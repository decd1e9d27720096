#pragma once

#include "vpn/n2n/message.hpp"

#include <functional>

namespace marvel::vpn::n2n {

// How super nodes of n2n choose addresses: by hashes of names, so that super nodes that have never
// talked mostly choose the same ones, and the next free one where two names meet.

// The /24 network of a community whose network is not configured, between 10.128.0.0 and
// 10.255.255.0. `taken` says which ones other communities have. nothing when all are taken.
std::optional<Subnet> auto_subnet(const Community& community,
                                  const std::function<bool(const Subnet&)>& taken);

// The address in `subnet` of a node that describes itself so. nothing when all are taken.
std::optional<Ipv4> auto_address(const Subnet& subnet, const Description& description,
                                 const std::function<bool(Ipv4)>& taken);

}  // namespace marvel::vpn::n2n
