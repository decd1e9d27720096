#pragma once

#include "base/error.hpp"

#include <string>

namespace marvel::report {

// `error` as programs read it, on one line without a line end, whatever bytes its texts quote:
//   {"error": {"code": "input", "message": "cannot read 'a.yaml': ...", "hint": ""}}
// "code" is reason_of(error), and the operations around it stand in the message.
std::string error_json(const Error& error);

}  // namespace marvel::report
