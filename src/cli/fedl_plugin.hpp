#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "federate/transport/api.hpp"

namespace marvel::cli {

// Opens libmarvel_fedl.so, the only library that links gRPC, when a server or client really
// starts. kUnsupported, naming the package marvel-fedl, when it is missing, cannot be loaded, or
// belongs to another version of marvel.
Result<const federate::FedlApi*> load_fedl_plugin(const Environment& environment);

}  // namespace marvel::cli
