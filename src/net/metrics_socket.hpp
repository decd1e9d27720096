#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace marvel::net {

// A place where a Prometheus server fetches metrics by HTTP. Whatever is asked, the metrics are the
// answer. They hold no keys, yet names of nodes or clients: listen where only friends are.
class MetricsSocket {
 public:
  // Not open; descriptor -1.
  MetricsSocket() = default;
  // `place` is "ADDRESS:PORT" or "[IPV6]:PORT", numbers only; "[::]" is every address of the
  // machine, IPv4's too, and port 0 takes a free one. kUsage for anything else; kUnavailable when
  // the port cannot be had.
  static Result<MetricsSocket> listen(const std::string& place);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  // The port that is really open.
  [[nodiscard]] int port() const;
  // Gives `text` to one who has connected. Who neither asks nor reads holds up the caller for at
  // most 100 ms.
  void answer(std::string_view text);

 private:
  explicit MetricsSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace marvel::net
