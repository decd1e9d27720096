#pragma once

#include "base/fd.hpp"

#include <string>

namespace marvel::test {

// A TCP connection to this machine's `port`; not open where nobody listens.
Fd connected_to(int port);
// All that comes until the other side ends.
std::string read_all(const Fd& client);

}  // namespace marvel::test
