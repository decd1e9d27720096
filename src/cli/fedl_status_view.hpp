#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"
#include "federate/server/snapshot.hpp"

#include <string>

namespace marvel::cli {

// What people see of a running `marvel fedl server`, from inside of it and from outside. No escape
// codes: report::Terminal redraws the panel, watch() repeats the answer. Both have the same
// columns.
//
// A row per client, busy ones first, without a line end behind the last one: what stands below the
// live line. At most 200 rows, since no window is higher. Cheap enough for each redraw.
std::string fedl_panel(const federate::ServerSnapshot& snapshot);
// Both forms of a document of schema "marvel.fedl.status/1". kUnavailable when it is none. That
// document is what the server's status socket gives (docs/formats/fedl.md); it goes on to programs
// as it came. It is of the same machine and user, but may be of another version.
Result<Answer> fedl_status_answer(const std::string& json);

}  // namespace marvel::cli
