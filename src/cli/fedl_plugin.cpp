#include "cli/fedl_plugin.hpp"

#include "cli/plugin.hpp"

namespace marvel::cli {
namespace {

constexpr Plugin kFedl{"libmarvel_fedl.so", "marvel-fedl", "federated learning"};

}  // namespace

Result<const federate::FedlApi*> load_fedl_plugin(const Environment& environment) {
  MARVEL_TRY(void* const symbol, plugin_symbol(environment, kFedl, "marvel_fedl_api"));
  const auto* api = reinterpret_cast<decltype(&marvel_fedl_api)>(symbol)();
  if (api->interface_version != federate::kFedlInterfaceVersion) {
    return foreign_plugin(kFedl);
  }
  return api;
}

}  // namespace marvel::cli
