#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

namespace marvel::compress {

// Refuses a device that is not there: kUnsupported.
Status check_device(Device device);

// Runs, or resumes, one training run and leaves model.pt in options.out. A raised stop flag ends
// it after the current step with a checkpoint and status "interrupted"; the report then describes
// the network so far and there is no model.pt.
//   kUsage, kInput : impossible options or damaged data, before anything is written
//   kFailed        : the loss became NaN or infinite; the last checkpoint stays
//   kUnavailable   : the disk is full; the last checkpoint stays
Result<TrainReport> train(const TrainOptions& options, Context& context);

}  // namespace marvel::compress
