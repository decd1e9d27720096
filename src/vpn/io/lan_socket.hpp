#pragma once

#include "vpn/bytes.hpp"
#include "vpn/io/fd.hpp"

#include <functional>
#include <string>
#include <vector>

namespace marvel::vpn {

// Sends to all nodes in the local networks of this machine and hears them: IPv4 multicast,
// 239.255.77.86 on UDP port 4195, one hop. Several edges of a machine share the port.
class LanSocket {
 public:
  // Not open.
  LanSocket() = default;
  // Not open where the machine does not allow it: a node does without.
  static LanSocket open();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Joins on all devices that there are now but `without`.
  void join(const std::string& without);
  // To all networks that were joined.
  void send(Bytes bytes);
  // Hands over what has come, a few at once.
  void receive(const std::function<void(Bytes)>& take) const;

 private:
  Fd fd_;
  std::vector<int> devices_;  // numbers
};

}  // namespace marvel::vpn
