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
// Server and `marvel fedl status` both ask here, so that they find each other: the file is
// `control`, or status.sock in the folder. The rest of the place is words for messages.
std::optional<net::StatusPlace> control_place(const std::string& checkpoint,
                                              const std::string& control);

// Answers those who look at a running server, on a thread of its own: `marvel fedl status` over a
// Unix socket, Prometheus over HTTP. One request is answered after the other; who does not read or
// ask holds the others up for a moment only (net/status_socket.hpp, net/metrics_socket.hpp).
//
//   Lookout lookout;
//   MARVEL_TRY_STATUS(lookout.open(control_place(checkpoint, control), metrics));
//   lookout.start([&] { return view.look(); });  // when there is something to see
//   lookout.stop();                              // before what it looks at ends
class Lookout {
 public:
  // The state as of now, or as of a moment ago with `stale` set. It must not wait long: until it
  // returns nobody is answered.
  using Look = std::function<ServerSnapshot()>;

  Lookout() = default;
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;
  ~Lookout() { stop(); }

  // Opens what is asked for; `metrics` is "ADDRESS:PORT", or empty for none. kConflict when another
  // server answers at `place`. kUsage for metrics that are no such place; kUnavailable when the
  // port cannot be had; kInput when the socket's path is too long. What was opened before an error
  // stays open until the end of this object.
  Status open(const std::optional<net::StatusPlace>& place, const std::string& metrics);
  // Of --metrics; 0 when it is not open.
  [[nodiscard]] int metrics_port() const { return metrics_.is_open() ? metrics_.port() : 0; }
  // `look` is called on the thread, and must outlive it. Without effect when nothing is open.
  // Requests that came between open() and start() are answered then. Called once.
  void start(Look look);
  // Ends the thread; what is being answered is finished first. The sockets stay until the end of
  // this object. Twice, or without start(), it has no effect.
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
