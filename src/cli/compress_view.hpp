#pragma once

#include "compress/report.hpp"

#include <string>

namespace marvel::cli {

// What people see of `marvel compress`: plain data in, finished text out. No escape codes.

// The short table at a run's end, dense beside compressed, and where the files are.
std::string train_table(const compress::TrainReport& report);
// The whole run as one self-contained HTML page.
std::string train_html(const compress::TrainReport& report);
std::string eval_table(const compress::EvalReport& report);

}  // namespace marvel::cli
