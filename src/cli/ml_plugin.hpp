#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "compress/api.hpp"
#include "federate/client/ml_api.hpp"

namespace marvel::cli {

// Opens libmarvel_ml.so, the only library that links LibTorch. That costs about 0.4 s and a few
// hundred MB, so it happens when training or measuring really starts, after all that can be checked
// without it. A second call is cheap. The pointers are good until the program ends.
//
// kUnsupported, naming the package marvel-ml, when it is missing, cannot be loaded, or belongs to
// another version of marvel.
Result<const compress::MlApi*> load_ml_plugin(const Environment& environment);
// The other door of the same library: trainers of federated learning. It has a version of its own.
Result<const federate::MlTrainerApi*> load_ml_trainers(const Environment& environment);

}  // namespace marvel::cli
