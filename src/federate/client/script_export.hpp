#pragma once

#include "base/result.hpp"
#include "federate/server/published_model.hpp"

#include <string>

namespace marvel::federate {

// The bytes of a model.pt (docs/formats/model-pt.md) with the same outputs, gates folded into the
// weights. kInput when the model cannot be one. `marvel compress` and PyTorch read it. Its
// description says which inputs are left, and that the network was learned federated. Images are
// taken as square where the number of inputs is a square, else as one row.
Result<std::string> script_export(const PublishedModel& published);

}  // namespace marvel::federate
