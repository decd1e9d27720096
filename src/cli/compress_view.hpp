#pragma once

#include "compress/report.hpp"

#include <string>

namespace marvel::cli {

// What people see of `marvel compress`: plain data in, finished text out. No escape codes. Programs
// get the report itself as JSON (docs/formats/compress-report.md), so a view may change at any
// time. Figures that were not measured are "-".
//
// The short table at a run's end, dense beside compressed, and where the files are. An interrupted
// run has no model yet, so rows about its file and its speed are missing.
std::string train_table(const compress::TrainReport& report);
// The whole run as one self-contained HTML page. Charts over epochs, tables, and the report as JSON
// inside; nothing is loaded from elsewhere.
std::string train_html(const compress::TrainReport& report);
// What one model file does on the test images of one data set.
std::string eval_table(const compress::EvalReport& report);

}  // namespace marvel::cli
