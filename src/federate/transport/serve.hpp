#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/options.hpp"
#include "federate/server/report_json.hpp"

namespace marvel::federate {

// Runs a server until its last round, or until the stop flag is raised: then the report says
// "interrupted", and the checkpoint has every finished round. Both dialects of Flower share the
// port.
// `evaluator` measures each new model on data of the server's own; null: nobody does. It must
// outlive the call.
//   kUsage, kInput : impossible options, a damaged checkpoint or file
//   kUnavailable   : the port is taken, the disk is full
Result<ServerReport> serve(const ServerOptions& options, Trainer* evaluator, Context& context);

}  // namespace marvel::federate
