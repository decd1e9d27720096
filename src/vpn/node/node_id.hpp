#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/datagram.hpp"

namespace marvel::vpn {

// Ethernet address.
using Mac = Block<6>;

// Both follow from the node's public key, so that nobody can take another's without its secret.
NodeId node_id(const PublicKey& key);
// Locally administered and unicast (IEEE 802): the bits 2 and 1 of its first byte.
Mac mac_of(const PublicKey& key);
std::string mac_text(const Mac& mac);

}  // namespace marvel::vpn
