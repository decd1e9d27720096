#include "cli/fedl_plugin.hpp"

#include "cli/plugin.hpp"

namespace marvel::cli {
namespace {

constexpr Plugin kFedl{"libmarvel_fedl.so", "marvel-fedl", "federated learning"};

}  // namespace

Result<const federate::FedlApi*> load_fedl_plugin(const Environment& environment) {
  return plugin_api<federate::FedlApi>(environment, kFedl, "marvel_fedl_api",
                                       federate::kFedlInterfaceVersion);
}

}  // namespace marvel::cli
