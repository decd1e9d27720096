#pragma once

#include <cstdint>

namespace marvel::vpn {

// How often any thread of the test program has asked for memory (operator new) so far.
std::uint64_t allocations_so_far();

}  // namespace marvel::vpn
