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

// Who we are, as of now: the headers and the certificate of one request.
struct Identity {
  std::vector<std::pair<std::string, std::string>> headers;  // Authorization, Impersonate-*
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem;
  std::uint64_t generation = 0;  // moves when an exec plugin has handed out something new
};

// What an exec plugin answered. Times are RFC 3339 texts in UTC.
struct PluginCredential {
  std::string token;
  std::string certificate_pem, key_pem;
  std::string expires;  // or empty: good until the server refuses it
};

// Reads ExecCredential from a plugin's output. kInput for anything else, without showing it.
Result<PluginCredential> parse_exec_credential(const std::string& output,
                                               const std::string& command);

// Whether somebody can type at this process's standard input.
bool somebody_types();

// Hands out the identity for each request: reads token files again, runs exec plugins when there
// is nothing yet, when their answer has expired, and once more after the server said 401. Plugins
// get standard input only where somebody types there (`interactive`) and their interactiveMode
// allows it; one that needs it is refused otherwise. Any thread.
class Credentials {
 public:
  Credentials(Access access, const StopFlag& stop, bool interactive = somebody_types());

  Result<Identity> identity();
  // The server refused `generation`. True when asking the plugin again may help.
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
