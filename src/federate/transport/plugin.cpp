// The one exported symbol of libmarvel_fedl.so. Nothing is thrown into the program that loaded us.
#include "base/guarded.hpp"
#include "federate/transport/api.hpp"
#include "federate/transport/join.hpp"
#include "federate/transport/serve.hpp"

namespace marvel::federate {
namespace {

constexpr const char* kSmaller = "use a smaller model or more memory";

Result<ServerReport> guarded_serve(const ServerOptions& options, const ServerHost& host,
                                   Context& context) {
  return guarded(kSmaller, [&] { return serve(options, host, context); });
}

Result<ClientReportCard> guarded_join(const ClientOptions& options, Trainer& trainer,
                                      Context& context) {
  return guarded(kSmaller, [&] { return join(options, trainer, context); });
}

constexpr FedlApi kApi{kFedlInterfaceVersion, guarded_serve, guarded_join};

}  // namespace
}  // namespace marvel::federate

extern "C" const marvel::federate::FedlApi* marvel_fedl_api() {
  return &marvel::federate::kApi;
}
