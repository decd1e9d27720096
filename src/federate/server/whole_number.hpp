#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace marvel::federate {

// A count in a checkpoint, at least 0. Throws nlohmann's type_error for anything else: left to the
// library, 1e30 would be converted too, which C++ leaves undefined. For parsed text: a number that
// C++ has put into `json` as a signed one is refused, too. Callers catch the exception where they
// read the whole document, and make kInput of it.
std::uint64_t whole_number(const nlohmann::ordered_json& json);

}  // namespace marvel::federate
