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

// How long a lease lasts and is waited for.
struct LeaseRules {
  // Without a renewal, until others may take it. A renewal comes after each third of it.
  std::chrono::seconds duration{30};
  // With another holder: a little longer than his lease, so that a run which follows a dead one
  // needs nobody to start it again.
  std::chrono::seconds patience{35};
  // Told once, when there is another holder.
  // NOLINTNEXTLINE(readability-redundant-member-init): so that rules may be given without it
  std::function<void(const std::string& message)> on_wait = {};
};

// Asked between two looks by what waits for the server in the middle of a run; a failure, such as
// that of LeaseHold::confirm, ends the waiting and is returned.
using MayGoOn = std::function<Status()>;

// Whether some run may change the service now. True as well where the server does not tell, because
// of rights or an outage.
[[nodiscard]] bool is_leased(kube::Client& client, const std::string& service,
                             const std::string& space);

// The right to change one service: a Lease object `marvel-<service>`. It is renewed in the
// background and given back at the end. One that its holder did not renew for 30 s is taken over,
// so a run that died blocks the next one no longer than that. All times in it, and the one that
// they are compared with, are the API server's, so no machine's own clock matters; watching the
// lease for its whole length first, as client-go does, would make a run wait for one that died
// yesterday. Every renewal names the version of the Lease that it renews: a run that slept and was
// taken for dead (a closed laptop, Ctrl-Z) thus learns it, and cannot push out the one that took
// over.
//
//   MARVEL_TRY(const auto lease, LeaseHold::acquire(connection, "web", "edge", {}));
//   MARVEL_TRY_STATUS(lease->confirm());  // before each write
//
// Owns a thread for the renewals and keeps the Connection alive. Giving back takes two requests.
// They go out after the connection's stop flag is raised, too, so that a run that was interrupted
// does not hold up the next one; after five seconds they are given up, and the lease ends by
// itself.
class LeaseHold {
 public:
  // Tries every 300 ms until `rules.patience` is over. kConflict names who holds it and since when,
  // also when a stop ends the waiting; else the errors of requests, as kNotFound where the
  // namespace `space` does not exist.
  static Result<std::unique_ptr<LeaseHold>> acquire(
      const std::shared_ptr<kube::Connection>& connection, const std::string& service,
      const std::string& space, const LeaseRules& rules);
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;
  ~LeaseHold();

  // Whether the service is still this run's to change; kConflict when somebody else took it over or
  // deleted the lease, which is final, and kUnavailable when it could not be renewed for its whole
  // length. To be called before each write: it asks the server only when the last renewal is more
  // than half of the duration ago. Any thread; callers wait for one another while it asks.
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
