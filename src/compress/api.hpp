#pragma once

#include "base/context.hpp"
#include "base/folder_lock.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"

namespace marvel::compress {

// The door into libmarvel_ml.so, the only library that links LibTorch. cli/ml_plugin opens it
// when a command really starts work. No exception crosses it, and both sides are built together:
// `interface_version` guards against a plug-in from another installation.
//
// What crosses are Options, Report, Context and FolderLock, by the same declarations on both sides;
// a Context refers to objects of the program, which the plug-in may use until the call returns. A
// call takes as long as its work and is made from one thread at a time. Besides the errors of the
// functions behind it, each answers kUnavailable when memory is short, and kInternal with the first
// line of what LibTorch has thrown.
inline constexpr int kInterfaceVersion = 2;

struct MlApi {
  int interface_version;
  // compress/train.hpp and compress/eval.hpp say what each does.
  Result<TrainReport> (*train)(const TrainOptions& options, Context& context, FolderLock* lock);
  Result<EvalReport> (*evaluate)(const EvalOptions& options, Context& context);
  Result<ModelDescription> (*inspect)(const std::string& model_path, Context& context);
};

}  // namespace marvel::compress

// The one symbol the plug-in exports; the result lives as long as the plug-in.
extern "C" const marvel::compress::MlApi* marvel_ml_api();
