// The one exported symbol of libmarvel_fedl.so. Nothing is thrown into the program that loaded us.
#include "federate/transport/api.hpp"
#include "federate/transport/join.hpp"
#include "federate/transport/serve.hpp"

#include <exception>
#include <new>

namespace marvel::federate {
namespace {

template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(Errc::kUnavailable, "out of memory", "use a smaller model or more memory");
  } catch (const std::exception& error) {
    return fail(Errc::kInternal, error.what());
  }
}

Result<ServerReport> guarded_serve(const ServerOptions& options, const ServerHost& host,
                                   Context& context) {
  return guarded([&] { return serve(options, host, context); });
}

Result<ClientReportCard> guarded_join(const ClientOptions& options, Trainer& trainer,
                                      Context& context) {
  return guarded([&] { return join(options, trainer, context); });
}

constexpr FedlApi kApi{kFedlInterfaceVersion, guarded_serve, guarded_join};

}  // namespace
}  // namespace marvel::federate

extern "C" const marvel::federate::FedlApi* marvel_fedl_api() {
  return &marvel::federate::kApi;
}
