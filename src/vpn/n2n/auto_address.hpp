#pragma once

#include "vpn/n2n/message.hpp"

#include <functional>

namespace marvel::vpn::n2n {

// How super nodes of n2n choose addresses: by hashes of names, so that super nodes that have never
// talked mostly choose the same ones, and the next free one where two names meet. The hash is
// pearson_32 of the name's block, zeros included; from there the search goes downwards to the
// lowest one, then upwards from the start (docs/formats/vpn-n2n.md, "Addresses that a super node
// gives").
//
// Both functions are pure: what they give is taken only when the caller's `taken` says so from then
// on. Each asks `taken` once per candidate, in the worst case for all of them.

// The /24 network of a community whose network is not configured, between 10.128.0.0 and
// 10.255.255.0: 32768 of them. `taken` says which ones other communities have. Nothing when all are
// taken.
std::optional<Subnet> auto_subnet(const Community& community,
                                  const std::function<bool(const Subnet&)>& taken);

// The address in `subnet`, whose prefix has 8 to 30 bits, of a node that describes itself so.
// Neither the network's own address nor its broadcast is given. Nothing when all are taken.
std::optional<Ipv4> auto_address(const Subnet& subnet, const Description& description,
                                 const std::function<bool(Ipv4)>& taken);

}  // namespace marvel::vpn::n2n
