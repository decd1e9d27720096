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
inline constexpr int kMlTrainerInterfaceVersion = 4;

struct MlTrainerApi {
  int interface_version;
  // `context` must outlive the trainer. kUsage, kInput: impossible options or damaged data.
  Result<std::unique_ptr<Trainer>> (*make)(const TrainerOptions& options, Context& context);
  // As in client/script_export.hpp.
  Result<std::string> (*script_export)(const PublishedModel& published);
};

}  // namespace marvel::federate

// Exported by the plug-in; the result lives as long as the plug-in.
extern "C" const marvel::federate::MlTrainerApi* marvel_ml_trainer_api();
