#pragma once

#include "base/result.hpp"
#include "federate/server/snapshot.hpp"
#include "net/metrics_socket.hpp"
#include "net/status_socket.hpp"

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace marvel::federate {

// Where a server tells its state: at `control`, or in its checkpoint folder; nowhere without both.
std::optional<net::StatusPlace> control_place(const std::string& checkpoint,
                                              const std::string& control);

// Answers those who look at a running server, on a thread of its own: `marvel fedl status` over a
// Unix socket, Prometheus over HTTP.
class Lookout {
 public:
  using Look = std::function<ServerSnapshot()>;

  Lookout() = default;
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;
  ~Lookout() { stop(); }

  // Opens what is asked for; `metrics` is "ADDRESS:PORT", or empty for none. kConflict when another
  // server answers at `place`.
  Status open(const std::optional<net::StatusPlace>& place, const std::string& metrics);
  // Of --metrics; 0 when it is not open.
  [[nodiscard]] int metrics_port() const { return metrics_.is_open() ? metrics_.port() : 0; }
  // `look` is called on the thread, and must outlive it. Without effect when nothing is open.
  void start(Look look);
  // Ends the thread; what is being answered is finished first. The sockets stay until the end of
  // this object.
  void stop();

 private:
  void run(const std::stop_token& stop);

  net::StatusSocket status_;
  net::MetricsSocket metrics_;
  Fd bell_;  // rung at the end
  Look look_;
  std::jthread thread_;
};

}  // namespace marvel::federate
