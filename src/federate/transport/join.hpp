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
//   kUsage, kInput : impossible options, files that cannot be read, a model that does not fit
//   kDenied        : the server refuses this client's certificate or name
//   kConflict      : another client has the same name, and does not go for two minutes
//   kTimeout       : no server within options.give_up
//   others         : from the trainer
Result<ClientReportCard> join(const ClientOptions& options, Trainer& trainer, Context& context);

}  // namespace marvel::federate
