#pragma once

#include "base/result.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/strategy/strategy.hpp"
#include "federate/wire/chunks.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace marvel::federate {

// Everything `marvel fedl server` can be told. The command line fills it, validate() judges it
// before anything is opened, and transport/serve.hpp runs it. Paths are relative to the working
// folder.
struct ServerOptions {
  std::string address = "[::]:8080";  // HOST:PORT; port 0 takes a free one
  RoundRules rules;
  StrategyOptions strategy;
  std::string checkpoint;                 // folder; empty: nothing is kept
  bool resume = false;                    // go on with the run in `checkpoint`
  std::string initial;                    // .npz to begin with; empty: a client is asked
  std::string rounds_out;                 // file that gets one line of JSON per round; empty: none
  std::size_t chunk = wire::kUsualChunk;  // longest message to marvel's clients, the rest in parts
  // At the end: for clients that still train, and for those of the last rounds whose links are
  // down.
  std::chrono::milliseconds goodbye{10000};
  // What `fedl status` and Prometheus see. A control socket that nobody has asked for may fail, and
  // the run goes on without it unless another server holds it; one that was named, or `metrics`,
  // must open.
  std::string control;   // Unix socket for `fedl status`; empty: in `checkpoint`, if any
  std::string metrics;   // ADDRESS:PORT for Prometheus; empty: none
  std::string tls_cert;  // PEM files; certificate and key go together
  std::string tls_key;
  std::string client_ca;  // clients must show a certificate of this authority
};

// `strategy` with the draw under which its privacy, if any, is accounted for: each of min_available
// clients is asked with probability clients_per_round / min_available (1 if all are asked). Both
// come from the rules and not from who happens to be there, because the account must not depend on
// that.
StrategyOptions accounted(StrategyOptions strategy, const RoundRules& rules);
// The strategy's options with all that follows from the rest: where it spools (the checkpoint's
// folder, or the system's for temporary files), and as accounted().
StrategyOptions strategy_of(const ServerOptions& options);

// Which of Flower's protocols a client speaks (wire::Dialect): kLegacy is 0.x, kModern 1.x. With
// kAuto a server that has asked nothing and knows no such method is tried once more with the other
// one.
enum class ClientDialect { kAuto, kLegacy, kModern };

// Everything `marvel fedl client` can be told beside what it trains (client/trainer_options.hpp). A
// client outlives broken links: it comes back under its name with growing pauses until the server
// says that there is no more work or refuses it, or until `give_up`.
struct ClientOptions {
  std::string cid;                                   // name, the same over restarts
  std::string address;                               // HOST:PORT of the server
  ClientDialect dialect = ClientDialect::kAuto;      // kAuto: 1.x, and 0.x if refused
  std::optional<std::chrono::milliseconds> give_up;  // without a server; none: never
  bool secure = false;                               // give updates to secure sums only
  bool encode = true;  // send encoded updates to a server that asks for them
  std::string state;   // folder for a finished update until the server has it; empty: memory alone
  std::string ready_file;  // there while the client has a link; empty: none
  // Between two looks whether a silent server is still there. Flower's servers bear one in 5 min.
  std::chrono::milliseconds keepalive{300000};
  std::size_t chunk = wire::kUsualChunk;  // longest message to a marvel server, the rest in parts
  std::string tls_ca;    // PEM; set: TLS, and the server's certificate must be of this authority
  std::string tls_cert;  // what this client shows of itself
  std::string tls_key;
};

// kUsage, naming the flag: before any work. No file is opened, so a certificate that is missing is
// found later. The server's also judges its rules and its strategy, with what excludes each other.
Status validate(const ServerOptions& options);
// Of a private run's rules: what would break the promise that a client is in a round only if its
// coin fell. Apart from the server's because simulations have rules too, but no ServerOptions.
Status validate_private(const RoundRules& rules);
Status validate(const ClientOptions& options);

}  // namespace marvel::federate
