#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

#include <string>

namespace marvel::compress {

// Test error, latency and size of a saved model on a data set's test images. Errors are counted in
// options.threads threads, the latency is timed on one; LibTorch's thread count is as before
// afterwards. kInput when model or data are missing, damaged or do not fit each other; kUnsupported
// for a device that is not there; kFailed when a stop was asked for, looked for at every thousand
// images and every timed pass.
Result<EvalReport> evaluate(const EvalOptions& options, Context& context);

// What a model says of itself: architecture, kept units, provenance. No data are needed, and the
// network does not run. kInput as above, and for a description of another schema.
Result<ModelDescription> inspect(const std::string& model_path, Context& context);

}  // namespace marvel::compress
