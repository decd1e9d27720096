#include "federate/transport/upload_gate.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
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

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

std::string UploadGate::plain_peer(const std::string& peer) {
  std::string plain = peer.substr(peer.find(':') + 1);
  replace_all(plain, "%5B", "[");
  replace_all(plain, "%5D", "]");
  return plain;
}

UploadGate::UploadGate() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), bell_(::eventfd(0, EFD_CLOEXEC)) {
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

// Without `input` only the end of the connection is told.
void UploadGate::watch(const Connection& connection, bool input) const {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET | (input ? static_cast<std::uint32_t>(EPOLLIN) : 0U);
  event.data.u64 = connection.id;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket, &event);
}

void UploadGate::add_connection(const std::string& peer, int socket) {
  const std::scoped_lock lock(mutex_);
  if (const auto old = connections_.find(peer); old != connections_.end()) {
    forget(old);
  }
  const Connection connection{::fcntl(socket, F_DUPFD_CLOEXEC, 0), ++last_, 0};
  if (connection.socket < 0) {
    return;  // no descriptors left: this one is read without waiting
  }
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;
  event.data.u64 = connection.id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  connections_[peer] = connection;
  peers_[connection.id] = peer;
}

// Who waits for it may read, and will see the end.
void UploadGate::forget(std::map<std::string, Connection>::iterator connection) {
  if (const auto waiter = waiters_.find(connection->second.waiting); waiter != waiters_.end()) {
    std::erase(large_, waiter->first);
    if (waiter->second.start) {
      urgent_.push_back(std::exchange(waiter->second.start, nullptr));
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

void UploadGate::wait(Ticket ticket, const std::string& peer, Start start) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = connections_.find(peer);
    if (found != connections_.end() && found->second.waiting == 0) {
      Connection& connection = found->second;
      connection.waiting = ticket;
      Waiter waiter;
      waiter.peer = peer;
      waiter.start = std::exchange(start, nullptr);
      waiter.base = waiter.seen = bytes_received(connection.socket);
      waiter.since = now();
      waiters_.emplace(ticket, std::move(waiter));
      watch(connection, true);  // tells at once what is there already
    }
  }
  if (start) {
    start();
  } else {
    wake();
  }
}

void UploadGate::done(Ticket ticket) {
  {
    const std::scoped_lock lock(mutex_);
    const auto waiter = waiters_.find(ticket);
    if (waiter == waiters_.end()) {
      return;
    }
    const auto connection = connections_.find(waiter->second.peer);
    if (connection != connections_.end() && connection->second.waiting == ticket) {
      connection->second.waiting = 0;
      watch(connection->second, false);
    }
    std::erase(large_, ticket);
    waiters_.erase(waiter);
  }
  wake();
}

// --- the thread ---

void UploadGate::run(const std::stop_token& stop) {
  constexpr int kEvents = 64;
  std::array<epoll_event, kEvents> events{};
  int limit = -1;
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_, events.data(), kEvents, limit);
    std::vector<Start> starts;
    {
      const std::scoped_lock lock(mutex_);
      for (int i = 0; i < count; ++i) {
        look(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events,
             now());
      }
      starts = grant(now());
      limit = pause();
    }
    for (const auto& start : starts) {
      start();  // outside of the lock: it may call back
    }
  }
}

void UploadGate::look(std::uint64_t connection, std::uint32_t events, Time now) {
  if (connection == kBell) {
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto got = ::read(bell_, &rings, sizeof(rings));
    return;
  }
  const auto peer = peers_.find(connection);
  if (peer == peers_.end()) {
    return;
  }
  const auto found = connections_.find(peer->second);
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    forget(found);
  } else if (const auto waiter = waiters_.find(found->second.waiting); waiter != waiters_.end()) {
    note_bytes(waiter->second, found->second, now);
  }
}

void UploadGate::note_bytes(Waiter& waiter, Connection& connection, Time now) {
  const bool waits = waiter.stage == Stage::kSilent || waiter.stage == Stage::kTrickle;
  const std::uint64_t bytes = bytes_received(connection.socket);
  if (!waits || bytes == waiter.seen) {
    return;
  }
  waiter.seen = bytes;
  waiter.since = now;
  waiter.stage = Stage::kTrickle;
  if (bytes - waiter.base >= kEnough) {
    waiter.stage = Stage::kLarge;
    large_.push_back(connection.waiting);
    watch(connection, false);
  }
}

std::size_t UploadGate::count(Stage stage) const {
  return static_cast<std::size_t>(
      std::count_if(waiters_.begin(), waiters_.end(),
                    [stage](const auto& entry) { return entry.second.stage == stage; }));
}

void UploadGate::admit(Ticket ticket, Stage stage, Time now, std::vector<Start>& starts) {
  Waiter& waiter = waiters_.at(ticket);
  waiter.stage = stage;
  waiter.since = now;
  starts.push_back(std::exchange(waiter.start, nullptr));
}

std::vector<UploadGate::Start> UploadGate::grant(Time now) {
  std::vector<Start> starts = std::exchange(urgent_, {});
  std::size_t slow = count(Stage::kSlow);
  std::size_t reading = count(Stage::kReading);
  bool suspect = count(Stage::kSuspect) > 0;
  for (auto& [ticket, waiter] : waiters_) {
    if (waiter.stage == Stage::kReading && now >= waiter.since + kSlowAfter && slow < kSlowPlaces) {
      waiter.stage = Stage::kSlow;
      ++slow;
      --reading;
    } else if (waiter.stage == Stage::kTrickle && now >= waiter.since + kTrickleAfter && !suspect &&
               waiter.start) {
      admit(ticket, Stage::kSuspect, now, starts);
      suspect = true;
    }
  }
  for (; reading < kPlaces && !large_.empty(); ++reading) {
    const Ticket ticket = large_.front();
    large_.pop_front();
    admit(ticket, Stage::kReading, now, starts);
  }
  return starts;
}

int UploadGate::pause() const {
  constexpr int kSoon = 500;
  const bool changes = std::any_of(waiters_.begin(), waiters_.end(), [](const auto& entry) {
    return entry.second.stage == Stage::kReading || entry.second.stage == Stage::kTrickle;
  });
  return changes ? kSoon : -1;
}

}  // namespace marvel::federate
