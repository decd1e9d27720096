#pragma once

#include "base/context.hpp"
#include "federate/client/report.hpp"
#include "federate/client/trainer.hpp"
#include "federate/options.hpp"
#include "federate/server/central_evaluation.hpp"
#include "federate/server/report_json.hpp"
#include "federate/server/snapshot.hpp"

#include <functional>

namespace marvel::federate {

// The door into libmarvel_fedl.so, the only library that links gRPC. cli/plugin opens it when a
// command really starts work. No exception crosses it, and both sides are built together:
// `interface_version` guards against a plug-in from another installation.
//
//   MARVEL_TRY(const FedlApi* fedl, load_fedl_plugin(environment));  // cli/fedl_plugin
//   MARVEL_TRY(const auto report, fedl->serve(options, host, context));
//
// What a client trains with comes from another library, libmarvel_ml.so (client/ml_api.hpp), so
// that a server needs no LibTorch.
inline constexpr int kFedlInterfaceVersion = 4;

// What a server gets from the program around it. All outlives the call.
struct ServerHost {
  // Measures each new model on data of the server's own; null: nobody does. Used under the hall's
  // lock, so by one thread at a time.
  CentralEvaluator* evaluator = nullptr;
  // The lines below the live line of progress, for a terminal that can redraw them; empty: none.
  // Called under the hall's lock, a few times a second at most.
  std::function<std::string(const ServerSnapshot&)> panel;
};

// As in transport/serve.hpp and transport/join.hpp, but what is thrown within comes back as an
// error: kUnavailable where memory has run out, else kInternal. Both block until the run is over.
struct FedlApi {
  int interface_version;
  Result<ServerReport> (*serve)(const ServerOptions& options, const ServerHost& host,
                                Context& context);
  Result<ClientReportCard> (*join)(const ClientOptions& options, Trainer& trainer,
                                   Context& context);
};

}  // namespace marvel::federate

// The one symbol the plug-in exports; the result lives as long as the plug-in.
extern "C" const marvel::federate::FedlApi* marvel_fedl_api();
