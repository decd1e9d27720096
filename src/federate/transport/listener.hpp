#pragma once

#include "base/result.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace marvel::federate {

// The open port of a server: accepts connections on a thread of its own.
class Listener {
 public:
  // Takes the new socket over. `peer` is "127.0.0.1:4711" or "[::1]:4711".
  using Accepted = std::function<void(int socket, const std::string& peer)>;

  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  // Ends the thread and closes the port; accepted sockets stay.
  ~Listener();

  // "HOST:PORT", where HOST is a name, an address or [an IPv6 address]; "[::]" is every address of
  // the machine, IPv4's too. Port 0 takes a free one. kUnavailable when the port cannot be had.
  Status open(const std::string& address);
  [[nodiscard]] int port() const { return port_; }
  void start(Accepted accepted);

 private:
  void run(const std::stop_token& stop) const;
  void accept_one(int socket) const;

  std::vector<int> sockets_;
  int bell_ = -1;
  int port_ = 0;
  Accepted accepted_;
  std::jthread thread_;
};

}  // namespace marvel::federate
