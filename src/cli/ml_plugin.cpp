#include "cli/ml_plugin.hpp"

#include "cli/plugin.hpp"

namespace marvel::cli {
namespace {

constexpr Plugin kMl{"libmarvel_ml.so", "marvel-ml", "training"};

}  // namespace

Result<const compress::MlApi*> load_ml_plugin(const Environment& environment) {
  MARVEL_TRY(void* const symbol, plugin_symbol(environment, kMl, "marvel_ml_api"));
  const auto* api = reinterpret_cast<decltype(&marvel_ml_api)>(symbol)();
  if (api->interface_version != compress::kInterfaceVersion) {
    return foreign_plugin(kMl);
  }
  return api;
}

Result<const federate::MlTrainerApi*> load_ml_trainers(const Environment& environment) {
  MARVEL_TRY(void* const symbol, plugin_symbol(environment, kMl, "marvel_ml_trainer_api"));
  const auto* api = reinterpret_cast<decltype(&marvel_ml_trainer_api)>(symbol)();
  if (api->interface_version != federate::kMlTrainerInterfaceVersion) {
    return foreign_plugin(kMl);
  }
  return api;
}

}  // namespace marvel::cli
