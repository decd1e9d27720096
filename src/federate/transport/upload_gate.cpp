// UNITY_ALONE: linux/tcp.h, whose tcp_info is newer, and netinet/tcp.h exclude each other.
#include "federate/transport/upload_gate.hpp"

#include "federate/wire/chunks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <span>
#include <string_view>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kBell = 0;  // connections count from 1

Time now() {
  return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch());
}

// Bytes that a connection has brought so far, read or not.
std::uint64_t bytes_received(int socket) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received
                                                                        : 0;
}

// Without the percents of addresses on the web.
std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    const auto digits = text[at] == '%' ? text.substr(at + 1, 2) : std::string_view();
    const auto read = std::from_chars(digits.begin(), digits.end(), byte, 16);
    if (digits.size() == 2 && read.ptr == digits.end()) {
      plain.push_back(static_cast<char>(byte));
      at += 2;
    } else {
      plain.push_back(text[at]);
    }
  }
  return plain;
}

}  // namespace

std::string UploadGate::plain_peer(const std::string& peer) {
  const std::string address = peer.substr(peer.find(':') + 1);
  return address.starts_with('[') ? address : percent_decoded(address);
}

UploadGate::UploadGate(const Patience& patience)
    : patience_(patience),
      pace_(patience.still),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      bell_(::eventfd(0, EFD_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kBell;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &event);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

UploadGate::~UploadGate() {
  thread_.request_stop();
  wake();
  thread_.join();
  for (const auto& [peer, connection] : connections_) {
    ::close(connection.socket);
  }
  ::close(bell_);
  ::close(epoll_);
}

void UploadGate::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(bell_, &one, sizeof(one));
}

bool UploadGate::add_connection(const std::string& peer, int socket) {
  const std::scoped_lock lock(mutex_);
  if (const auto old = connections_.find(peer); old != connections_.end()) {
    forget(old);
  }
  Connection connection;
  connection.socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  connection.id = ++last_;
  if (connection.socket < 0) {
    return false;
  }
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.u64 = connection.id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  connections_[peer] = connection;
  peers_[connection.id] = peer;
  return true;
}

// Who waits for it may read, and will see the end.
void UploadGate::forget(Connections::iterator connection) {
  for (auto& [ticket, waiter] : waiters_) {
    if (waiter.arrived || waiter.wait.peer != connection->first) {
      continue;
    }
    release(ticket, waiter);
    if (waiter.wait.start) {
      urgent_.push_back(std::exchange(waiter.wait.start, nullptr));
    }
  }
  ::close(connection->second.socket);
  peers_.erase(connection->second.id);
  connections_.erase(connection);
}

UploadGate::Ticket UploadGate::new_ticket() {
  const std::scoped_lock lock(mutex_);
  return ++last_;
}

std::uint64_t UploadGate::received(const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(peer);
  return found == connections_.end() ? 0 : bytes_received(found->second.socket);
}

std::uint64_t UploadGate::enough(std::uint64_t asked) {
  constexpr std::uint64_t kAtLeast = 16384;
  return std::min<std::uint64_t>(kAtLeast + asked / 1024, kWindow * 3 / 4);
}

void UploadGate::wait(Ticket ticket, Wait wait) {
  Calls calls;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = connections_.find(wait.peer);
    if (found == connections_.end()) {
      calls.push_back(std::move(wait.start));
    } else {
      calls = insert(ticket, std::move(wait), found->second);
    }
  }
  wake();
  for (const auto& call : calls) {
    call();
  }
}

UploadGate::Calls UploadGate::insert(Ticket ticket, Wait wait, Connection& connection) {
  Calls calls;
  slack_ = wait.slack;
  round_ = std::max(round_, wait.round);
  if (wait.expected >= wire::kLongestMessage) {
    expect_no_other_model();
  }
  if (connection.open == 0) {
    connection.base = wait.base;
    connection.expected = 0;
    connection.passed_over = false;
  }
  ++connection.open;
  connection.expected += wait.expected;
  Waiter& waiter = waiters_[ticket];
  waiter.wait = std::move(wait);
  waiter.since = now();
  if (waiter.wait.is_free) {
    admit(waiter, Stage::kFree, waiter.wait.base, now(), calls);
  } else if (connection.waiting == 0) {
    connection.waiting = ticket;
    waiter.marked = waiter.wait.base;
    note_bytes(ticket, waiter, bytes_received(connection.socket), now());
  } else {
    waiter.stage = Stage::kBehind;
    behind_.push_back(ticket);
  }
  return calls;
}

// Only the client that was asked last may offer a first model of any size.
void UploadGate::expect_no_other_model() {
  for (auto& [ticket, waiter] : waiters_) {
    const auto found = connections_.find(waiter.wait.peer);
    if (!waiter.arrived && waiter.wait.expected >= wire::kLongestMessage &&
        found != connections_.end()) {
      found->second.expected -= std::exchange(waiter.wait.expected, 0);
      found->second.passed_over = true;
    }
  }
}

void UploadGate::release(Ticket ticket, Waiter& waiter) {
  if (std::exchange(waiter.arrived, true)) {
    return;
  }
  std::erase(large_, ticket);
  std::erase(behind_, ticket);
  const auto found = connections_.find(waiter.wait.peer);
  if (found != connections_.end()) {
    Connection& connection = found->second;
    --connection.open;
    connection.expected -= waiter.wait.expected;
    connection.waiting = connection.waiting == ticket ? 0 : connection.waiting;
  }
}

void UploadGate::arrived(Ticket ticket, std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  const auto waiter = waiters_.find(ticket);
  if (waiter == waiters_.end()) {
    return;
  }
  if (is_upload(waiter->second.stage)) {
    pace_.got_through(now() - waiter->second.admitted);
  }
  release(ticket, waiter->second);
  const auto connection = connections_.find(waiter->second.wait.peer);
  if (connection != connections_.end()) {
    connection->second.base += bytes + bytes / 128;  // and what TLS and HTTP/2 put around it
  }
}

void UploadGate::done(Ticket ticket) {
  {
    const std::scoped_lock lock(mutex_);
    const auto waiter = waiters_.find(ticket);
    if (waiter == waiters_.end()) {
      return;
    }
    release(ticket, waiter->second);
    waiters_.erase(waiter);
  }
  wake();
}

bool UploadGate::is_upload(Stage stage) {
  return stage == Stage::kReading || stage == Stage::kSlow;
}

bool UploadGate::holds_place_of(Stage holds, Stage waits) {
  switch (waits) {
    case Stage::kLarge:
      return is_upload(holds);
    case Stage::kTrickle:
      return holds == Stage::kSuspect;
    default:
      return holds == Stage::kBeside;
  }
}

// --- the thread ---

void UploadGate::run(const std::stop_token& stop) {
  constexpr int kEvents = 64;
  std::array<epoll_event, kEvents> events{};
  int limit = -1;
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_, events.data(), kEvents, limit);
    const auto seen = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
    if (std::ranges::any_of(seen, [](const auto& event) { return event.data.u64 == kBell; })) {
      silence_bell();
    }
    Calls calls;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& event : seen) {
        look(event.data.u64, event.events);
      }
      count_bytes(now());
      calls = decide(now());
      limit = pause();
    }
    for (const auto& call : calls) {
      call();  // outside of the lock: it may call back
    }
  }
}

void UploadGate::silence_bell() const {
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto got = ::read(bell_, &rings, sizeof(rings));
}

void UploadGate::look(std::uint64_t connection, std::uint32_t events) {
  const auto peer = peers_.find(connection);
  if (peer == peers_.end()) {
    return;
  }
  const auto found = connections_.find(peer->second);
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    forget(found);
  }
}

// Looked at now and then: the network library reads the socket, and an event would be lost when it
// was faster.
void UploadGate::count_bytes(Time now) {
  for (auto& [peer, connection] : connections_) {
    if (connection.open == 0) {
      continue;
    }
    connection.bytes = bytes_received(connection.socket);
    if (const auto waiter = waiters_.find(connection.waiting); waiter != waiters_.end()) {
      note_bytes(waiter->first, waiter->second, connection.bytes, now);
    }
  }
}

void UploadGate::note_bytes(Ticket ticket, Waiter& waiter, std::uint64_t bytes, Time now) {
  const std::uint64_t more = bytes - waiter.marked;
  const bool brings_model = bytes - waiter.wait.base >= enough(waiter.wait.asked);
  waiter.is_large = waiter.is_large || brings_model;
  if (is_upload(waiter.stage) || waiter.stage == Stage::kSuspect) {
    if (more >= std::max(kLittle, waiter.wait.expected / pace_.parts())) {
      waiter.marked = bytes;
      waiter.moved = now;
    }
    return;
  }
  const bool is_new = waiter.stage == Stage::kSilent || waiter.stage == Stage::kTrickle;
  if (!is_new || more == 0) {
    return;
  }
  waiter.marked = bytes;
  waiter.since = now;
  waiter.stage = Stage::kTrickle;
  if (brings_model) {
    waiter.stage = Stage::kLarge;
    large_.push_back(ticket);
  }
}

// Whether one more may come to this stage: so many, or more that are small.
bool UploadGate::has_place(Stage stage, std::size_t places, std::uint64_t expected) const {
  std::size_t taken = 0;
  std::uint64_t bytes = expected;
  for (const auto& [ticket, waiter] : waiters_) {
    if (waiter.stage == stage) {
      ++taken;
      bytes += waiter.wait.expected;
    }
  }
  return taken < places || bytes <= kTogether;
}

std::uint64_t UploadGate::bytes_of(const Waiter& waiter) const {
  const auto found = connections_.find(waiter.wait.peer);
  return found == connections_.end() ? 0 : found->second.bytes;
}

void UploadGate::admit(Waiter& waiter, Stage stage, std::uint64_t bytes, Time now, Calls& calls) {
  waiter.stage = stage;
  waiter.since = waiter.admitted = waiter.moved = now;
  waiter.marked = bytes;
  if (waiter.wait.start) {
    calls.push_back(std::exchange(waiter.wait.start, nullptr));
  }
}

UploadGate::Calls UploadGate::decide(Time now) {
  Calls calls = std::exchange(urgent_, {});
  slow_down(now);
  admit_suspect(now, calls);
  admit_large(now, calls);
  admit_beside(now, calls);
  end_excess(now, calls);
  cut_deaf(now);
  return calls;
}

void UploadGate::slow_down(Time now) {
  for (auto& [ticket, waiter] : waiters_) {
    if (waiter.stage == Stage::kReading && now >= waiter.since + patience_.slow &&
        has_place(Stage::kSlow, kSlowPlaces, waiter.wait.expected)) {
      waiter.stage = Stage::kSlow;
    }
  }
}

void UploadGate::admit_suspect(Time now, Calls& calls) {
  const auto due = std::find_if(waiters_.begin(), waiters_.end(), [&](const auto& entry) {
    return entry.second.stage == Stage::kTrickle && !entry.second.arrived &&
           now >= entry.second.since + patience_.trickle;
  });
  if (due == waiters_.end()) {
    return;
  }
  if (has_place(Stage::kSuspect, 1, due->second.wait.expected)) {
    admit(due->second, Stage::kSuspect, bytes_of(due->second), now, calls);
  } else {
    end_slowest(due->second, now, calls);
  }
}

void UploadGate::admit_large(Time now, Calls& calls) {
  while (!large_.empty()) {
    Waiter& next = waiters_.at(large_.front());
    if (!has_place(Stage::kReading, kPlaces, next.wait.expected)) {
      end_slowest(next, now, calls);
      return;
    }
    large_.pop_front();
    admit(next, Stage::kReading, bytes_of(next), now, calls);
  }
}

void UploadGate::admit_beside(Time now, Calls& calls) {
  while (!behind_.empty()) {
    Waiter& next = waiters_.at(behind_.front());
    if (!has_place(Stage::kBeside, kPlacesBeside, next.wait.expected)) {
      end_slowest(next, now, calls);
      return;
    }
    behind_.pop_front();
    admit(next, Stage::kBeside, bytes_of(next), now, calls);
  }
}

// `longest` has no place. One of those that hold the places of its kind must go if it stands still,
// or if its round is over and the other has been patient.
void UploadGate::end_slowest(const Waiter& longest, Time now, Calls& calls) {
  const bool patient = now >= longest.since + patience_.still;
  auto slowest = waiters_.end();
  for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
    const Waiter& waiter = it->second;
    if (!holds_place_of(waiter.stage, longest.stage)) {
      continue;
    }
    if (waiter.ended) {
      return;  // its place will be free in a moment
    }
    // Of one that has brought little, or shares its connection, it is not known whether it sends.
    const bool still = waiter.is_large && now >= waiter.moved + patience_.still;
    const bool over = patient && waiter.wait.round < round_;
    if (!waiter.arrived && (still || over) &&
        (slowest == waiters_.end() || waiter.moved < slowest->second.moved)) {
      slowest = it;
    }
  }
  if (slowest != waiters_.end()) {
    if (is_upload(slowest->second.stage) && bytes_of(slowest->second) > slowest->second.marked) {
      pace_.was_cut_off();
    }
    end(slowest->first, slowest->second, End::kTooSlow, now, calls);
  }
}

void UploadGate::end_excess(Time now, Calls& calls) {
  const auto excess = [](const Connection& connection) {
    const auto allowed = connection.base + connection.expected;
    return connection.open > 0 && connection.bytes > allowed ? connection.bytes - allowed : 0;
  };
  std::uint64_t sum = 0;
  auto worst = connections_.end();
  for (auto it = connections_.begin(); it != connections_.end(); ++it) {
    sum += excess(it->second);
    if (worst == connections_.end() || excess(it->second) > excess(worst->second)) {
      worst = it;
    }
  }
  if (sum <= slack_) {
    return;
  }
  // One that was passed over has kept to what it was asked for: it may come back.
  const End why = worst->second.passed_over ? End::kTooSlow : End::kTooMuch;
  for (auto& [ticket, waiter] : waiters_) {
    if (!waiter.arrived && waiter.wait.peer == worst->first) {
      end(ticket, waiter, why, now, calls);
    }
  }
}

void UploadGate::end(Ticket ticket, Waiter& waiter, End why, Time now, Calls& calls) {
  release(ticket, waiter);
  waiter.ended = true;
  waiter.since = now;
  waiter.wait.start = nullptr;
  if (waiter.wait.end) {
    calls.emplace_back([tell = std::exchange(waiter.wait.end, nullptr), why] { tell(why); });
  }
}

// A stream ends when its client has been told. One that does not read loses its connection.
void UploadGate::cut_deaf(Time now) const {
  constexpr Time kTold{5000};
  for (const auto& [ticket, waiter] : waiters_) {
    const auto connection = connections_.find(waiter.wait.peer);
    if (waiter.ended && now >= waiter.since + kTold && connection != connections_.end()) {
      ::shutdown(connection->second.socket, SHUT_RDWR);
    }
  }
}

int UploadGate::pause() const {
  constexpr std::size_t kShortest = 20;
  constexpr std::size_t kLongest = 250;
  const bool changes = std::any_of(waiters_.begin(), waiters_.end(), [](const auto& entry) {
    return !entry.second.arrived || entry.second.ended;
  });
  return changes ? static_cast<int>(std::clamp(waiters_.size() / 2, kShortest, kLongest)) : -1;
}

}  // namespace marvel::federate
