#pragma once

#include "base/result.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace marvel::federate {

// The open port of a server: accepts connections on a thread of its own. The port is ours and not
// gRPC's, so that the upload gate knows each connection's socket before gRPC reads from it.
//
//   Listener listener;
//   MARVEL_TRY_STATUS(listener.open("[::]:8080"));
//   listener.start([&](int socket, const std::string& peer) { ... });
class Listener {
 public:
  // Takes the new socket over. `peer` is "127.0.0.1:4711" or "[::1]:4711". The socket does not
  // block, and small writes go out at once (TCP_NODELAY). Called on the listener's thread, one
  // connection after the other, so it must be short and must not throw.
  using Accepted = std::function<void(int socket, const std::string& peer)>;

  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  // Ends the thread and closes the port; accepted sockets stay.
  ~Listener();

  // "HOST:PORT", where HOST is a name, an address or [an IPv6 address]; "[::]" is every address of
  // the machine, IPv4's too. Port 0 takes a free one. kUnavailable when the port cannot be had. A
  // name with several addresses (localhost) is served on all that can be had; a machine without
  // IPv6 serves "[::]" on IPv4. Once per object.
  Status open(const std::string& address);
  // The one that is really open; 0 before open().
  [[nodiscard]] int port() const { return port_; }
  // After open(), once. A connection that would take one of the last kReserve descriptors is closed
  // at once: the server needs them to write its files.
  void start(Accepted accepted);
  static constexpr int kReserve = 64;
  // Whether that has happened. May be called from any thread.
  [[nodiscard]] bool turned_away() const { return turned_away_; }

 private:
  void run(const std::stop_token& stop);
  void accept_one(int socket);

  std::vector<int> sockets_;
  int bell_ = -1;
  int port_ = 0;
  Accepted accepted_;
  std::atomic<bool> turned_away_ = false;
  std::jthread thread_;
};

}  // namespace marvel::federate
