#include "cli/ml_plugin.hpp"

#include "cli/plugin.hpp"

namespace marvel::cli {
namespace {

constexpr Plugin kMl{"libmarvel_ml.so", "marvel-ml", "training"};

}  // namespace

Result<const compress::MlApi*> load_ml_plugin(const Environment& environment) {
  return plugin_api<compress::MlApi>(environment, kMl, "marvel_ml_api",
                                     compress::kInterfaceVersion);
}

Result<const federate::MlTrainerApi*> load_ml_trainers(const Environment& environment) {
  return plugin_api<federate::MlTrainerApi>(environment, kMl, "marvel_ml_trainer_api",
                                            federate::kMlTrainerInterfaceVersion);
}

}  // namespace marvel::cli
