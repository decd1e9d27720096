#pragma once

#include "base/context.hpp"
#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

namespace marvel::compress {

// Refuses a device that is not there: kUnsupported. LibTorch would throw in the middle of the work.
Status check_device(Device device);

// Runs, or resumes, one training run and leaves model.pt in options.out. A raised stop flag ends
// it after the current step with a checkpoint and status "interrupted"; the report then describes
// the network so far and there is no model.pt. `lock` becomes that of the folder, for the caller to
// hold until the reports of this run are written as well; unchanged where the folder was not taken.
//   kUsage, kInput : impossible options or damaged data, before anything is written; on resuming
//                    also other settings than the first run's, or a damaged checkpoint; more
//                    threads or memory than there are
//   kConflict      : another run works in the folder
//   kFailed        : the loss or the weights became NaN or infinite; the last checkpoint stays. Or
//                    a stop was asked for before the folder was touched, --force or not
//   kUnavailable   : the disk is full; the last checkpoint stays
//   kUnsupported   : the device is not there
//   kInternal      : the saved model does not answer as the trained one (deliver.hpp)
//
// One call at a time in a process: LibTorch's threads are set for all of it. Progress counts
// training samples, with a milestone per epoch. A checkpoint is written after each epoch, so a
// killed process loses one epoch at most; with options.resume, no checkpoint and no result in the
// folder the run starts from the beginning. The same options, data and machine give the same bits,
// stopped in between or not.
Result<TrainReport> train(const TrainOptions& options, Context& context, FolderLock* lock);

}  // namespace marvel::compress
