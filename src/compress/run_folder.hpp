#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "compress/options.hpp"

namespace marvel::compress {

// Names of the files in --out. train() writes the first two; reports are the command line's,
// because they need nothing of LibTorch.
inline constexpr const char* kModelFile = "model.pt";
inline constexpr const char* kCheckpointFile = "checkpoint.pt";
inline constexpr const char* kReportFile = "report.json";
inline constexpr const char* kPageFile = "report.html";
// The dense network, there only while it is measured for the comparison.
inline constexpr const char* kDenseFile = "dense.pt.tmp";

// Makes --out ready: it must be new or empty, or --force or --resume must say what to do. --force
// removes the first four files above and nothing else, and right away: what an earlier run left
// would pass for this one's, were this one ended before it has its own. --resume needs the
// checkpoint where there is a model or a report; where there is none of them the run begins. What
// killed runs were writing is removed. Folders above it are made too. kInput otherwise, or when the
// disk says no; kConflict while another run works there. Hold the lock until the last file is
// written, reports included; its file stays and does not count as content.
Result<FolderLock> prepare_folder(const TrainOptions& options);

}  // namespace marvel::compress
