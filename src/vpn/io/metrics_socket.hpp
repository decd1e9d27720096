#pragma once

#include "base/result.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string_view>

namespace marvel::vpn {

// A place where a Prometheus server fetches metrics by HTTP. Whatever is asked, the metrics are the
// answer. Unlike the status they hold no keys, yet names of nodes: listen where only friends are.
class MetricsSocket {
 public:
  // Not open; descriptor -1.
  MetricsSocket() = default;
  static Result<MetricsSocket> listen(const Endpoint& local);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  // Gives `text` to one who has connected. Who neither asks nor reads holds up packets for at most
  // 100 ms.
  void answer(std::string_view text);

 private:
  explicit MetricsSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace marvel::vpn
