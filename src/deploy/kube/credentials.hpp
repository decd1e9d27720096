#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "deploy/kube/kubeconfig.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace marvel::kube {

// Who we are, as of now: the headers and the certificate of one request. `_pem` fields hold the
// text itself and are used in place of the file beside them.
struct Identity {
  std::vector<std::pair<std::string, std::string>> headers;  // Authorization, Impersonate-*
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem;
  // Moves when an exec plugin has handed out something new; 0 where there is no plugin.
  std::uint64_t generation = 0;
};

// What an exec plugin answered. Times are RFC 3339 texts in UTC.
struct PluginCredential {
  std::string token;
  std::string certificate_pem, key_pem;
  std::string expires;  // or empty: good until the server refuses it
};

// Reads ExecCredential from a plugin's output. It has a token, a certificate with its key, or both.
// kInput with the reason "unauthorized" for anything else, without showing it; `command` names the
// plugin in the message.
Result<PluginCredential> parse_exec_credential(const std::string& output,
                                               const std::string& command);

// Whether somebody can type at this process's standard input, which is a terminal then.
bool somebody_types();

// Hands out the identity for each request: reads token files again, runs exec plugins when there is
// nothing yet, when their answer has expired, and once more after the server said 401. Plugins get
// standard input only where somebody types there (`interactive`) and their interactiveMode allows
// it; one that needs it is refused otherwise.
//
// A plugin has a minute to answer, and five when it may ask somebody. Whoever needs an identity
// meanwhile waits for the same answer. When an answer expires is told by this machine's clock.
// `stop` ends a plugin that runs, and must outlive this. Any thread.
class Credentials {
 public:
  Credentials(Access access, const StopFlag& stop, bool interactive = somebody_types());

  // Without a plugin and a token file it does no I/O. kInput when the token file cannot be read, or
  // the plugin is not there, speaks another version or answers nonsense; kFailed when it ends with
  // a failure; kTimeout. What it says of itself goes to standard error.
  Result<Identity> identity();
  // The server refused the identity of `generation`. True when asking again may help, that is, when
  // there is a plugin. What another thread has learned meanwhile, a newer generation, is kept.
  bool refused(std::uint64_t generation);

 private:
  // What the plugin has handed out and is still good, or something new. Under the mutex.
  Result<PluginCredential> current(const ExecPlugin& plugin);
  [[nodiscard]] Result<PluginCredential> ask(const ExecPlugin& plugin) const;

  Access access_;
  const StopFlag& stop_;
  const bool interactive_;
  std::mutex mutex_;  // guards what follows
  std::optional<PluginCredential> credential_;
  std::uint64_t generation_ = 0;
};

}  // namespace marvel::kube
