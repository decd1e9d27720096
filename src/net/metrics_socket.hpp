#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace marvel::net {

// A place where a Prometheus server fetches metrics by HTTP. Whatever is asked, the metrics are the
// answer: method and path are not looked at. They hold no keys, yet names of nodes or clients:
// listen where only friends are. There is no TLS and no password.
//
// It has no thread: the owner polls fd() beside its other descriptors and calls answer() when it is
// readable. One thread at a time; closed with this object.
//   MARVEL_TRY(auto metrics, MetricsSocket::listen("127.0.0.1:9464"));
//   if (poll(...) > 0) metrics.answer(metric_total("marvel_rounds_total", "Rounds", rounds));
class MetricsSocket {
 public:
  // Not open; descriptor -1.
  MetricsSocket() = default;
  // `place` is "ADDRESS:PORT" or "[IPV6]:PORT", numbers only; "[::]" is every address of the
  // machine, IPv4's too, and port 0 takes a free one. kUsage for anything else; kUnavailable when
  // the port cannot be had. Messages name the flag --metrics. A port that a program has just left
  // can be had at once.
  static Result<MetricsSocket> listen(const std::string& place);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  // The port that is really open. Of an open one; it asks the system each time.
  [[nodiscard]] int port() const;
  // Gives `text` to one who has connected. Who neither asks nor reads holds up the caller for at
  // most 100 ms. Without effect when nobody has. It waits up to 50 ms for the request, and up to 50
  // ms at a time for room to send in; what has not gone by then is cut. One connection per call,
  // which it closes.
  void answer(std::string_view text);

 private:
  explicit MetricsSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace marvel::net
