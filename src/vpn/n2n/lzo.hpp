#pragma once

#include "vpn/bytes.hpp"

#include <optional>

namespace marvel::vpn::n2n {

// Undoes LZO1X, n2n's compression 2, of which Linux describes the stream (Documentation/staging/
// lzo.rst, version 0). `room` takes the result; the answer is its size. nullopt when the stream is
// damaged, goes on behind its end, or holds more than `room`; then `room` holds anything.
//
// Our own: the library of the format's author has a licence that ours does not go with.
std::optional<std::size_t> unpack_lzo(Bytes packed, MutableBytes room);

}  // namespace marvel::vpn::n2n
