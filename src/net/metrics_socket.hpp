#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  // machine, IPv4's too (those alone where there is no IPv6), and port 0 takes a free one. kUsage
  // for anything else; kUnavailable when the port cannot be had. Messages name the flag --metrics.
  // A port that a program has just left can be had at once.
  static Result<MetricsSocket> listen(const std::string& place);

  // Can be read when answer() has something to do: it stands for the port and those who have
  // connected.
  [[nodiscard]] int fd() const { return events_.get(); }
  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  // The port that is really open. Of an open one; it asks the system each time.
  [[nodiscard]] int port() const;
  // Gives `text` to those who have asked, and closes their connections when all has gone. Never
  // waits: who has not asked yet, or has no room for the rest, has another turn when fd() can be
  // read again. Memory for up to 16 connections, with the rest of an answer each; of more the
  // oldest is closed.
  void answer(std::string_view text);

 private:
  // One who has connected.
  struct Client {
    Fd fd;
    std::string rest;  // of the answer; empty until it has asked
  };

  MetricsSocket(Fd fd, Fd events) : fd_(std::move(fd)), events_(std::move(events)) {}
  void accept_clients();
  [[nodiscard]] bool serve(Client& client, std::string_view text) const;
  [[nodiscard]] bool watch(int operation, const Fd& fd, std::uint32_t events) const;

  Fd fd_;
  Fd events_;                    // an epoll of fd_ and the clients
  std::vector<Client> clients_;  // the oldest first
};

}  // namespace marvel::net
