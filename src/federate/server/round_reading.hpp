#pragma once

#include "base/result.hpp"
#include "federate/server/round_report.hpp"

#include <string>

namespace marvel::federate {

// The reverse of round_json(): one round of a checkpoint or of --metrics-out, for reports of a run
// that was resumed. kInput for text that is no such round.
Result<RoundReport> read_round(const std::string& line);

}  // namespace marvel::federate
