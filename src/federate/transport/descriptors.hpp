#pragma once

#include <cstdint>

namespace marvel::federate {

// Lets this process open as many files and sockets as the machine's administrator allows: raises
// the soft limit to the hard one. Each client of a server costs two. Returns the limit now, 0 where
// it cannot be known.
std::uint64_t raise_descriptor_limit();

}  // namespace marvel::federate
