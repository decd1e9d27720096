#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// Reads a JSON document that somebody else wrote. kInput for what is no JSON and for nesting beyond
// 200 levels, which is looked for before anything is parsed; `what` names it in the message ("the
// answer to GET /api"). Does not throw.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& what);

// On one line, members by name, so equal values give equal texts; bytes that are not UTF-8 become
// U+FFFD, where nlohmann's own dump() would throw.
std::string json_text(const nlohmann::json& value);

}  // namespace marvel::kube
