#pragma once

#include "federate/server/coordinator.hpp"
#include "federate/transport/upload_pace.hpp"

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
// its clients, whatever clients do.
//
// gRPC hands over whole messages, and buffers a stream for which a read was begun as fast as the
// client sends. A stream without one gets no further than HTTP/2's window (kWindow), and then waits
// where it is: in its client. So a read is begun only when the client's connection has brought more
// than the acknowledgements of what it was sent, and a place is free. What has arrived is what the
// kernel counts (TCP_INFO).
//
//   silent --enough--> large --place free--> reading --10 s--> slow
//      \--a little, then nothing for 5 s--> trickle ---> suspect (one at a time)
//   free:    a few bytes are expected, so that they are read at once
//   behind:  another stream of the same connection waits for its bytes already, and whose they are
//            cannot be told --place free--> beside
//
// A slow upload gives its place to another one. A trickle may be HTTP/2's own talk, or a client
// that says in a few bytes that it cannot train.
//
// Two things end a stream:
//   too slow   others wait for its place, and it has stood still, as upload_pace has it, or belongs
//              to a round that is over
//   too much   clients have brought, beyond what is expected of each, more than `slack` together;
//              it is the connection with most of that. It is looked at all 20 to 250 ms. Who was
//              asked for a first model, and then another was, counts as too slow.
//
// A wait, as transport/stream.cpp has it:
//
//   wait.base = gate.received(peer);        // before the question goes out
//   const auto ticket = gate.new_ticket();  // when it is out
//   gate.wait(ticket, wait);                // calls wait.start: begin the read; or wait.end
//   gate.arrived(ticket, bytes);            // the message is there
//   gate.done(ticket);                      // it has been merged and freed
//
// All methods may be called from any thread. A place is kept until done(). Both functions of a wait
// are called without the gate's lock, mostly on its own thread, so they may call the gate. That
// thread wakes when a connection ends and, while somebody waits, each 20 to 250 ms; a look costs a
// system call per connection that was asked something. Nothing is read from a socket here: gRPC
// does that.
class UploadGate {
 public:
  // Uploads that are read at a time: fast ones, those that took longer than Patience::slow, and
  // streams that share a connection. So many models may lie in memory at once, and a suspect; small
  // ones have more places (kTogether).
  static constexpr std::size_t kPlaces = 2;
  static constexpr std::size_t kSlowPlaces = 6;
  static constexpr std::size_t kPlacesBeside = 8;
  static constexpr std::uint64_t kTogether = 16U << 20U;  // bytes; smaller ones have more places
  static constexpr std::uint64_t kWindow = 262144;        // of each stream, in bytes

  // A test is not patient.
  struct Patience {
    Time slow{10000};    // in a place until it is one of the slow
    Time trickle{5000};  // of silence after a few bytes until it is a suspect
    Time still{30000};   // to bring one of UploadPace's parts, or kLittle
  };
  // Bytes by which even a small upload moves: HTTP/2's own talk is less.
  static constexpr std::uint64_t kLittle = 32768;

  // Why a stream must end. One that is too slow may come back and try again; one that brings too
  // much breaks the rules.
  enum class End { kTooSlow, kTooMuch };
  using Ticket = std::uint64_t;  // from 1 on; 0: none

  // A wait for one answer. Both functions may be called from this or another thread. Each is called
  // once at most; `end` may come after `start`.
  struct Wait {
    std::string peer;
    std::uint64_t base = 0;       // received() before the question: a fast client may have answered
    std::uint64_t asked = 0;      // bytes of the question
    std::uint64_t expected = 0;   // bytes of the answer, generously
    bool is_free = false;         // so few that it is read at once
    std::uint64_t slack = 0;      // for all clients together, in bytes
    std::uint64_t round = 0;      // which the question belongs to; 0: none
    std::function<void()> start;  // the stream may read
    std::function<void(End)> end;  // the stream must end
  };

  UploadGate() : UploadGate(Patience()) {}
  explicit UploadGate(const Patience& patience);
  UploadGate(const UploadGate&) = delete;
  UploadGate& operator=(const UploadGate&) = delete;
  ~UploadGate();

  // A connection that was accepted. `socket` stays the caller's; it is duplicated. False when no
  // descriptor is left: then nothing may be read from it. Called before gRPC reads from it. An
  // older connection of the same peer has ended, and is forgotten.
  [[nodiscard]] bool add_connection(const std::string& peer, int socket);
  // A name for one wait.
  Ticket new_ticket();
  // Bytes that the connection has brought so far; 0 when it is not known.
  std::uint64_t received(const std::string& peer);
  // Bytes after a question of `asked` that show that a model is coming: more than HTTP/2's
  // acknowledgements (26 bytes for at least 64 KiB), less than a window.
  static std::uint64_t enough(std::uint64_t asked);
  // Starts at once when the connection is not known: it has ended. Takes `wait` over. One that is
  // free starts within the call. `start` is also called when the connection ends in the meantime,
  // so that the read sees it.
  void wait(Ticket ticket, Wait wait);
  // The message of `bytes` has arrived, so the connection may be waited for again; the place is
  // still taken. Frees the bytes that were expected; unknown tickets, such as 0, are no trouble.
  void arrived(Ticket ticket, std::uint64_t bytes);
  // The message is no longer in memory, or the stream is gone. Always to be called in the end, also
  // after wait.end: a stream that was ended and is not done five seconds later loses its
  // connection. Unknown tickets are no trouble.
  void done(Ticket ticket);

  // "127.0.0.1:4711" of gRPC's "ipv4:127.0.0.1:4711", "[fe80::1%2]:4711" of its
  // "ipv6:%5Bfe80::1%252%5D:4711"; the form of add_connection's `peer`.
  static std::string plain_peer(const std::string& peer);

 private:
  // Where a waiter stands in the picture above.
  enum class Stage {
    kSilent,
    kTrickle,
    kSuspect,
    kLarge,
    kReading,
    kSlow,
    kFree,
    kBehind,
    kBeside
  };
  // One TCP connection, by its peer. The gate owns its duplicate of the socket.
  struct Connection {
    int socket = -1;
    std::uint64_t id = 0;        // in epoll's events
    Ticket waiting = 0;          // whose answer its bytes tell of
    std::uint64_t bytes = 0;     // brought when it was last looked at
    std::uint64_t base = 0;      // of them before the oldest question without an answer
    std::uint64_t expected = 0;  // of all such questions
    std::size_t open = 0;        // such questions
    bool passed_over = false;    // it was to bring a first model, and then another client was
  };
  using Connections = std::map<std::string, Connection>;
  // One wait(), from then until done().
  struct Waiter {
    Wait wait;
    Stage stage = Stage::kSilent;
    Time since{0};             // of the stage; of a trickle: its last byte
    Time admitted{0};          // when it began to be read
    std::uint64_t marked = 0;  // bytes when it last moved
    Time moved{0};             // when it had last brought so much that it does not stand still
    bool is_large = false;     // it has brought more than small talk
    bool arrived = false;      // or its connection has gone
    bool ended = false;        // and not done yet
  };
  using Calls = std::vector<std::function<void()>>;

  // The thread: look at events, count bytes, decide, call, sleep.
  void run(const std::stop_token& stop);
  void silence_bell() const;  // without the lock: it reads a file descriptor
  void look(std::uint64_t connection, std::uint32_t events);
  void count_bytes(Time now);
  void note_bytes(Ticket ticket, Waiter& waiter, std::uint64_t bytes, Time now);
  Calls insert(Ticket ticket, Wait wait, Connection& connection);
  // So that many who were asked for a first model cannot each bring the longest message.
  void expect_no_other_model();
  // The waiter waits no more: its connection is free for the next one. Its place is not.
  void release(Ticket ticket, Waiter& waiter);
  void forget(Connections::iterator connection);
  [[nodiscard]] Calls decide(Time now);
  void slow_down(Time now);
  void admit_suspect(Time now, Calls& calls);
  void admit_large(Time now, Calls& calls);
  void admit_beside(Time now, Calls& calls);
  // Makes room for `longest`, which has no place, if one that holds such a place must go.
  void end_slowest(const Waiter& longest, Time now, Calls& calls);
  void end_excess(Time now, Calls& calls);
  void end(Ticket ticket, Waiter& waiter, End why, Time now, Calls& calls);
  // Connections of clients that do not hear that their stream has ended.
  void cut_deaf(Time now) const;
  [[nodiscard]] int pause() const;  // ms until the next look; -1: not before an event
  [[nodiscard]] bool has_place(Stage stage, std::size_t places, std::uint64_t expected) const;
  static void admit(Waiter& waiter, Stage stage, std::uint64_t bytes, Time now, Calls& calls);
  [[nodiscard]] std::uint64_t bytes_of(const Waiter& waiter) const;
  // Whether its place is one of those for models, and whose bytes come is known.
  [[nodiscard]] static bool is_upload(Stage stage);
  // Whether one in the stage `holds` has a place that one in the stage `waits` needs.
  [[nodiscard]] static bool holds_place_of(Stage holds, Stage waits);
  void wake() const;

  const Patience patience_;
  UploadPace pace_;
  std::mutex mutex_;  // guards what follows
  Connections connections_;
  std::map<std::uint64_t, std::string> peers_;  // by Connection::id
  std::map<Ticket, Waiter> waiters_;
  std::deque<Ticket> large_;
  std::deque<Ticket> behind_;
  Calls urgent_;  // of connections that have ended
  std::uint64_t last_ = 0;
  std::uint64_t slack_ = 0;
  std::uint64_t round_ = 0;  // the newest that was asked for

  int epoll_ = -1;
  int bell_ = -1;
  std::jthread thread_;
};

}  // namespace marvel::federate
