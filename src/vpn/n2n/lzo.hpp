#pragma once

#include "vpn/bytes.hpp"

#include <optional>

namespace marvel::vpn::n2n {

// Undoes LZO1X, n2n's compression 2, of which Linux describes the stream (Documentation/staging/
// lzo.rst, version 0). `room` takes the result; the answer is its size. nullopt when the stream is
// damaged, goes on behind its end, or holds more than `room`; then `room` holds anything.
//
// The bytes come from the network: nothing is read behind `packed` or written behind `room`, no
// memory is taken, and the time is bounded by the sizes of both. The two must not overlap.
//
//   std::vector<std::uint8_t> room(2048);
//   const auto size = unpack_lzo(packed, room);   // then room[0] to room[*size - 1]
//
// Our own: the library of the format's author has a license that ours does not go with. Packing is
// not here, because nodes of ours send frames as they are.
std::optional<std::size_t> unpack_lzo(Bytes packed, MutableBytes room);

}  // namespace marvel::vpn::n2n
