#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"
#include "federate/server/snapshot.hpp"

#include <string>

namespace marvel::cli {

// What people see of a running `marvel fedl server`. No escape codes.

// A row per client, busy ones first, without a line end behind the last one: what stands below the
// live line.
std::string fedl_panel(const federate::ServerSnapshot& snapshot);
// Both forms of a document of schema "marvel.fedl.status/1". kUnavailable when it is none.
Result<Answer> fedl_status_answer(const std::string& json);

}  // namespace marvel::cli
