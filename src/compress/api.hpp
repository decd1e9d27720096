#pragma once

#include "base/context.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

namespace marvel::compress {

// The door into libmarvel_ml.so, the only library that links LibTorch. cli/ml_plugin opens it
// when a command really starts work. No exception crosses it, and both sides are built together:
// `interface_version` guards against a plug-in from another installation.
inline constexpr int kInterfaceVersion = 1;

struct MlApi {
  int interface_version;
  Result<TrainReport> (*train)(const TrainOptions& options, Context& context);
  Result<EvalReport> (*evaluate)(const EvalOptions& options, Context& context);
  Result<ModelDescription> (*inspect)(const std::string& model_path, Context& context);
};

}  // namespace marvel::compress

// The one symbol the plug-in exports; the result lives as long as the plug-in.
extern "C" const marvel::compress::MlApi* marvel_ml_api();
