#include "report/error_json.hpp"

#include "config/json.hpp"

namespace marvel::report {

std::string error_json(const Error& error) {
  Error without_hint = error;
  without_hint.hint.clear();
  const std::string members = json_object({{"code", json_string(reason_of(error))},
                                           {"message", json_string(describe(without_hint))},
                                           {"hint", json_string(error.hint)}});
  return json_object({{"error", members}});
}

}  // namespace marvel::report
