#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "federate/transport/api.hpp"

namespace marvel::cli {

// Opens libmarvel_fedl.so, the only library that links gRPC, when a server or client really starts:
// linked, it would cost every other command its start-up. kUnsupported, naming the package
// marvel-fedl, when it is missing, cannot be loaded, or belongs to another version of marvel. Call
// it once all options are checked, so that a wrong flag is told at once. The pointer is good until
// the program ends. Status, export and simulate do without it.
Result<const federate::FedlApi*> load_fedl_plugin(const Environment& environment);

}  // namespace marvel::cli
