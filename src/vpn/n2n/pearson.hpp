#pragma once

#include "vpn/bytes.hpp"

namespace marvel::vpn::n2n {

// n2n's hash of blocks (after Pearson): 64 bits in 1, 2 or 4 lanes. It has no key and is no
// cryptographic hash; n2n makes keys and check sums of it, so this mode must, too. Results are big
// endian, the highest lane first; shorter ones are the low bits of the 64.
//
//   64    check sums in encrypted headers
//   128   keys of headers and trailers of registrations
//   256   keys of frames, of users and of federations
//   32    addresses and networks that super nodes choose
//
// The end of a longer one is the shorter one: the last 8 bytes of pearson_128 are pearson_64. Eight
// bytes at a time, without memory; docs/formats/vpn-n2n.md has the formula ("Hashes and SPECK").
// Calls may run in parallel.
std::uint64_t pearson_64(Bytes bytes);
Block<16> pearson_128(Bytes bytes);
Block<32> pearson_256(Bytes bytes);
inline std::uint32_t pearson_32(Bytes bytes) {
  return static_cast<std::uint32_t>(pearson_64(bytes));
}

}  // namespace marvel::vpn::n2n
