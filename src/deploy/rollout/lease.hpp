#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

struct LeaseRules {
  std::chrono::seconds duration{30};  // without a renewal, until others may take it
  // With another holder: a little longer than his lease, so that a run which follows a dead one
  // needs nobody to start it again.
  std::chrono::seconds patience{35};
  // Told once, when there is another holder.
  // NOLINTNEXTLINE(readability-redundant-member-init): so that rules may be given without it
  std::function<void(const std::string& message)> on_wait = {};
};

// The right to change one service: a Lease object `marvel-<service>`. It is renewed in the
// background and given back at the end. One that its holder did not renew for 30 s is taken over,
// so a run that died blocks the next one no longer than that. All times in it, and the one
// that they are compared with, are the API server's, so no machine's own clock matters; watching
// the lease for its whole length first, as client-go does, would make a run wait for one that died
// yesterday. Every renewal names the version of
// the Lease that it renews: a run that slept and was taken for dead (a closed laptop, Ctrl-Z) thus
// learns it, and cannot push out the one that took over.
class LeaseHold {
 public:
  // kConflict names who holds it and since when.
  static Result<std::unique_ptr<LeaseHold>> acquire(
      const std::shared_ptr<kube::Connection>& connection, const std::string& service,
      const std::string& space, const LeaseRules& rules);
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;
  ~LeaseHold();

  // Whether the service is still this run's to change; kConflict when somebody else took it over.
  // To be called before each write: it asks the server only when the last renewal is long ago. Any
  // thread.
  Status confirm();

 private:
  using SinceStart = std::chrono::nanoseconds;  // of the machine

  LeaseHold(std::shared_ptr<kube::Connection> connection, std::string service, std::string path,
            std::unique_ptr<nlohmann::json> lease, std::chrono::seconds duration, SinceStart taken);
  void keep_renewing();
  void renew(kube::Client& client);
  void look_again(kube::Client& client);
  void give_back();

  std::shared_ptr<kube::Connection> connection_;
  std::string service_;
  std::string path_;
  std::chrono::seconds duration_;
  std::mutex end_mutex_;  // guards ending_
  std::condition_variable wake_;
  bool ending_ = false;
  std::mutex mutex_;                       // guards what follows
  std::unique_ptr<nlohmann::json> lease_;  // as the server had it last
  SinceStart renewed_;
  std::optional<Error> lost_;
  std::thread renewer_;
};

}  // namespace marvel::rollout
