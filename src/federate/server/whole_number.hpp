#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace marvel::federate {

// A count in a checkpoint, at least 0. Throws nlohmann's type_error for anything else: left to the
// library, 1e30 would be converted too, which C++ leaves undefined.
std::uint64_t whole_number(const nlohmann::ordered_json& json);

}  // namespace marvel::federate
