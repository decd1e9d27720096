#pragma once

#include "vpn/identity/membership.hpp"
#include "vpn/wire/control.hpp"

namespace marvel::vpn {

// How members find each other in one local network without a super node: from time to time each
// sends to all who are there who it is and where it may be reached. Every byte is encrypted or
// drawn by chance, and all beacons have one size, so others only learn that somebody sends beacons.
//
//   nonce 24, sealed text of kBeaconText bytes, tag 16; XChaCha20-Poly1305.
//   text: seconds since 1970 u64, size u16, a PeerInfo of that size, zeros.
//
// A beacon proves only that its sender knows the key. It may be sent again later or elsewhere, and
// a member may lie in it; so who reads one looks at its time, and a handshake shows who is there
// (Edge::on_beacon). io/lan_socket.hpp carries them.
struct Beacon {
  std::uint64_t unix_seconds = 0;
  PeerInfo info;  // `seen` is empty: whoever repeats a beacon elsewhere changes nothing
};

// One size for all, with room for the largest name and all candidates.
inline constexpr std::size_t kBeaconText = 328;  // the largest PeerInfo has 305 bytes
inline constexpr std::size_t kBeaconSize = 24 + kBeaconText + kTagSize;

// What seals the beacons of a community. With a passphrase nobody else knows it. With certificates
// who knows the authority's public key can open beacons, as a super node can know all members.
Secret beacon_key(const Membership& membership);
// kBeaconSize bytes. The nonce is drawn from `random`, so no two are alike.
std::vector<std::uint8_t> seal_beacon(const Secret& key, Random& random, const Beacon& beacon);
// Nothing for bytes that were not sealed with `key`. The time in it is not looked at.
std::optional<Beacon> open_beacon(const Secret& key, Bytes bytes);
// The part of it behind the seal; exactly one PeerInfo, and zeros.
std::optional<Beacon> parse_beacon_text(Bytes text);

}  // namespace marvel::vpn
