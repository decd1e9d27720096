#pragma once

#include "base/result.hpp"
#include "federate/server/published_model.hpp"

#include <string>

namespace marvel::federate {

// The bytes of a model.pt (docs/formats/model-pt.md) with the same outputs, gates folded into the
// weights. kInput when the model cannot be one.
Result<std::string> script_export(const PublishedModel& published);

}  // namespace marvel::federate
