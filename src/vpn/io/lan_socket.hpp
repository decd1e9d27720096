#pragma once

#include "vpn/bytes.hpp"
#include "vpn/io/fd.hpp"

#include <functional>
#include <string>
#include <vector>

namespace marvel::vpn {

// Sends to all nodes in the local networks of this machine and hears them: IPv4 multicast,
// 239.255.77.86 on UDP port 4195, one hop. Several edges of a machine share the port.
//
// What travels are beacons (wire/beacon.hpp), which are sealed: this socket takes anything from
// anybody in the local network and proves nothing. It never blocks, and tells of no failure: a node
// works without it, by way of its super node. One thread.
class LanSocket {
 public:
  // Not open.
  LanSocket() = default;
  // Not open where the machine does not allow it: a node does without.
  static LanSocket open();

  // -1 while it is not open; then nothing below may be called.
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Joins on all devices that there are now but `without`, the node's own TAP. Called again before
  // each send(), because devices come and go.
  void join(const std::string& without);
  // To all networks that were joined.
  void send(Bytes bytes);
  // Hands over what has come, at most 16 datagrams of at most 2048 bytes, what is longer cut there.
  // The bytes live until `take` returns. A node hears its own beacons, too.
  void receive(const std::function<void(Bytes)>& take) const;

 private:
  Fd fd_;
  std::vector<int> devices_;  // numbers
};

}  // namespace marvel::vpn
