#include "federate/server/whole_number.hpp"

#include <nlohmann/json.hpp>

namespace marvel::federate {

std::uint64_t whole_number(const nlohmann::ordered_json& json) {
  if (!json.is_number_unsigned()) {
    throw nlohmann::ordered_json::type_error::create(302, "a count is no whole number", &json);
  }
  return json.get<std::uint64_t>();
}

}  // namespace marvel::federate
