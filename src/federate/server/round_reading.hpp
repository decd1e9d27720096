#pragma once

#include "base/result.hpp"
#include "federate/server/round_report.hpp"

#include <string>

namespace marvel::federate {

// The reverse of round_json(): one round of a checkpoint or of --metrics-out, for reports of a run
// that was resumed. kInput for text that is no such round. `line` may have any layout, and keys
// that it does not know are passed over. Numbers that JSON could not hold come back as NaN, a fate
// of a later version as kAsked, and what earlier versions did not write as its default.
Result<RoundReport> read_round(const std::string& line);

}  // namespace marvel::federate
