#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/options.hpp"
#include "federate/server/report_json.hpp"
#include "federate/transport/api.hpp"

namespace marvel::federate {

// Runs a server until its last round, or until the stop flag is raised: then the report says
// "interrupted", and the checkpoint has every finished round. Both dialects of Flower share the
// port.
//   kUsage, kInput : impossible options, a damaged checkpoint or file
//   kConflict      : another server runs with the same checkpoint folder or control socket
//   kUnavailable   : a port is taken, the disk is full
Result<ServerReport> serve(const ServerOptions& options, const ServerHost& host, Context& context);

}  // namespace marvel::federate
