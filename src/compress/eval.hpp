#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

#include <string>

namespace marvel::compress {

// Test error, latency and size of a saved model on a data set's test images.
// kInput when model or data are missing, damaged or do not fit each other.
Result<EvalReport> evaluate(const EvalOptions& options, Context& context);

// What a model says of itself: architecture, kept units, provenance.
Result<ModelDescription> inspect(const std::string& model_path, Context& context);

}  // namespace marvel::compress
