#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/server/published_model.hpp"

#include <memory>
#include <string>

namespace marvel::federate {

// The second door into libmarvel_ml.so, beside the one of compress: trainers for clients. No
// exception crosses it.
//
// cli/ml_plugin opens the library when training or measuring really starts, because LibTorch costs
// 0.4 s and some hundred MB, and refuses one with another version than this number: types cross the
// door as they are, so both sides must be built from the same headers.
inline constexpr int kMlTrainerInterfaceVersion = 4;

struct MlTrainerApi {
  int interface_version;
  // `context` must outlive the trainer. kUsage, kInput: impossible options or damaged data. "mlp"
  // gives make_mlp_trainer's, "l0mlp" make_gated_trainer's. What LibTorch throws comes back as
  // kUnavailable (out of memory) or kInternal, from the trainer's methods, too.
  Result<std::unique_ptr<Trainer>> (*make)(const TrainerOptions& options, Context& context);
  // As in client/script_export.hpp.
  Result<std::string> (*script_export)(const PublishedModel& published);
};

}  // namespace marvel::federate

// Exported by the plug-in; the result lives as long as the plug-in.
extern "C" const marvel::federate::MlTrainerApi* marvel_ml_trainer_api();
