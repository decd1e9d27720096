#pragma once

#include <cstdint>

namespace marvel::federate {

// Lets this process open as many files and sockets as the machine's administrator allows: raises
// the soft limit to the hard one, for the whole process and to its end. Each client of a server
// costs two, its socket and the duplicate that the upload gate has of it. Returns the limit now,
// which is the old one when it cannot be raised, and 0 where it cannot be known.
std::uint64_t raise_descriptor_limit();

}  // namespace marvel::federate
