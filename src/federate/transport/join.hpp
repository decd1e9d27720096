#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/report.hpp"
#include "federate/client/trainer.hpp"
#include "federate/options.hpp"

namespace marvel::federate {

// Takes part in a run until the server says that it is over, or until the stop flag is raised (then
// the report says "interrupted"). Waits for a server that is not there yet, comes back when the
// link breaks, and offers a finished update again rather than training twice. Joins marvel's server
// and any unmodified Flower server that serves bidirectional streams.
//
// Blocks, on one thread: while `trainer` works nothing is read. A stop is noticed within 100 ms, or
// when the trainer notices it. Pauses between two tries begin at a quarter of a second and double,
// with a random part, to four seconds at most, so that a fleet does not come back all at once. With
// the dialect kAuto 1.x is tried first, and 0.x if the server does not know it.
//   kUsage, kInput : impossible options, files that cannot be read, a model that does not fit
//   kDenied        : the server refuses this client's certificate or name, or asks for the update
//                    itself where secure sums are demanded
//   kConflict      : another client has the same name, and does not go for two minutes; or it came
//                    later and took this one's place
//   kTimeout       : no server within options.give_up
//   kUnsupported   : the server speaks neither dialect, or not the one that was asked for
//   kInternal      : the server cannot read this client's messages
//   others         : from the trainer
Result<ClientReportCard> join(const ClientOptions& options, Trainer& trainer, Context& context);

}  // namespace marvel::federate
