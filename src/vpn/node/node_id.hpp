#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/datagram.hpp"

namespace marvel::vpn {

// Ethernet address, first byte first.
using Mac = Block<6>;

// Both follow from the node's public key, so that nobody can take another's without its secret.
// They are digests of 64 and 46 bits: keys that share one can be found on purpose, so they say
// where something goes and never who it is from, and an edge refuses a peer whose own are taken
// already. Each costs a hash; Peer keeps them.
NodeId node_id(const PublicKey& key);
// Locally administered and unicast (IEEE 802): the bits 2 and 1 of its first byte.
Mac mac_of(const PublicKey& key);
// "02:1b:..." in small digits.
std::string mac_text(const Mac& mac);

}  // namespace marvel::vpn
