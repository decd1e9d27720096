#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

namespace marvel::federate {

// A count in a checkpoint, at least 0. Throws nlohmann's type_error for anything else: left to the
// library, 1e30 would be converted too, which C++ leaves undefined.
inline std::uint64_t whole_number(const nlohmann::ordered_json& json) {
  if (!json.is_number_unsigned()) {
    throw nlohmann::ordered_json::type_error::create(302, "a count is no whole number", &json);
  }
  return json.get<std::uint64_t>();
}

}  // namespace marvel::federate
