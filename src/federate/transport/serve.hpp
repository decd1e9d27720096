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
//
// Blocks. The caller's thread waits, draws progress and looks at the stop flag each 200 ms; the
// network's threads do the work under the hall's lock, one at a time. So log, progress and
// evaluator are called from several threads, never from two at once. After the last round clients
// that are busy or away get `options.goodbye` to hear of the end. Raises the process's limit of
// open files.
//   kUsage, kInput : impossible options, a damaged checkpoint or file
//   kConflict      : another server runs with the same checkpoint folder or control socket
//   kUnavailable   : a port is taken, the disk is full, memory has run out
//   others         : what has ended the run, such as kInternal; finished rounds are kept
Result<ServerReport> serve(const ServerOptions& options, const ServerHost& host, Context& context);

}  // namespace marvel::federate
