#pragma once

#include "base/result.hpp"
#include "compress/options.hpp"

namespace marvel::compress {

// Names of the files in --out.
inline constexpr const char* kModelFile = "model.pt";
inline constexpr const char* kCheckpointFile = "checkpoint.pt";
inline constexpr const char* kReportFile = "report.json";
inline constexpr const char* kPageFile = "report.html";

// Makes --out ready: it must be new or empty, or --force or --resume must say what to do. --force
// removes the four files above and nothing else. kInput otherwise, or when the disk says no.
Status prepare_folder(const TrainOptions& options);

}  // namespace marvel::compress
