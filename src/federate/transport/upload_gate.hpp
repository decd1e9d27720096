#pragma once

#include "federate/server/coordinator.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace marvel::federate {

// Lets few models in at a time, so that the memory of a round is that of its models and not that of
// its clients.
//
// gRPC hands over whole messages, and buffers a stream for which a read was begun as fast as the
// client sends. A stream without one gets no further than HTTP/2's window (kWindow), and then waits
// where it is: in its client. So a read is begun only when the client's connection has brought more
// than the acknowledgements of what it was sent, and a place is free. What has arrived is what the
// kernel counts (TCP_INFO).
//
//   silent --enough--> large --place free--> reading --10 s--> slow
//      \--a little, then nothing for 5 s--> trickle ---> suspect (one at a time)
//
// A slow upload gives its place to another one. A trickle may be HTTP/2's own talk, or a client
// that says in a few bytes that it cannot train.
//
// All methods may be called from any thread. A place is kept until done().
class UploadGate {
 public:
  static constexpr std::size_t kPlaces = 2;
  static constexpr std::size_t kSlowPlaces = 6;
  static constexpr std::uint64_t kWindow = 262144;  // of each stream, in bytes
  static constexpr Time kSlowAfter{10000};
  static constexpr Time kTrickleAfter{5000};

  using Start = std::function<void()>;
  using Ticket = std::uint64_t;  // from 1 on; 0: none

  UploadGate();
  UploadGate(const UploadGate&) = delete;
  UploadGate& operator=(const UploadGate&) = delete;
  ~UploadGate();

  // A connection that was accepted. `socket` stays the caller's; it is duplicated.
  void add_connection(const std::string& peer, int socket);
  // A name for one wait.
  Ticket new_ticket();
  // Bytes that the connection has brought so far; 0 when it is not known.
  std::uint64_t received(const std::string& peer);
  // Bytes after a question of `bytes` that show that a model is coming: more than HTTP/2's
  // acknowledgements (26 bytes for at least 64 KiB), less than a window.
  static std::uint64_t enough(std::size_t bytes);
  // Calls `start`, from this or another thread, when the stream on the connection from `peer` may
  // read: at once when the connection is not known or is waited for already. `base` is received()
  // from before the question was sent, as a fast client may have answered by now.
  void wait(Ticket ticket, const std::string& peer, std::uint64_t base, std::uint64_t enough,
            Start start);
  // The message has arrived, so the connection may be waited for again; the place is still taken.
  void arrived(Ticket ticket);
  // The message is no longer in memory, or the stream is gone.
  void done(Ticket ticket);

  // "127.0.0.1:4711" of gRPC's "ipv4:127.0.0.1:4711"; the form of add_connection's `peer`.
  static std::string plain_peer(const std::string& peer);

 private:
  enum class Stage { kSilent, kTrickle, kSuspect, kLarge, kReading, kSlow };
  struct Connection {
    int socket = -1;
    std::uint64_t id = 0;  // in epoll's events
    Ticket waiting = 0;
  };
  struct Waiter {
    std::string peer;
    Start start;
    Stage stage = Stage::kSilent;
    std::uint64_t base = 0;  // bytes that had arrived before the question
    std::uint64_t enough = 0;
    std::uint64_t seen = 0;
    Time since{0};  // of the stage; of a trickle: its last byte
  };

  void run(const std::stop_token& stop);
  void silence_bell() const;  // without the lock: it reads a file descriptor
  void look(std::uint64_t connection, std::uint32_t events);
  void count_bytes(Time now);
  void note_bytes(Waiter& waiter, const Connection& connection, Time now);
  void release(Ticket ticket);
  void forget(std::map<std::string, Connection>::iterator connection);
  [[nodiscard]] std::vector<Start> grant(Time now);
  [[nodiscard]] int pause() const;  // ms until the next look; -1: not before an event
  [[nodiscard]] std::size_t count(Stage stage) const;
  void admit(Ticket ticket, Stage stage, Time now, std::vector<Start>& starts);
  void wake() const;

  std::mutex mutex_;  // guards what follows
  std::map<std::string, Connection> connections_;
  std::map<std::uint64_t, std::string> peers_;  // by Connection::id
  std::map<Ticket, Waiter> waiters_;
  std::deque<Ticket> large_;
  std::vector<Start> urgent_;  // of connections that have ended
  std::uint64_t last_ = 0;

  int epoll_ = -1;
  int bell_ = -1;
  std::jthread thread_;
};

}  // namespace marvel::federate
