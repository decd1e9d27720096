#include "federate/transport/upload_gate.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <span>
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

UploadGate::UploadGate()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), bell_(::eventfd(0, EFD_CLOEXEC)) {
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

std::uint64_t UploadGate::received(const std::string& peer) {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(peer);
  return found == connections_.end() ? 0 : bytes_received(found->second.socket);
}

std::uint64_t UploadGate::enough(std::size_t bytes) {
  constexpr std::uint64_t kAtLeast = 16384;
  return std::min<std::uint64_t>(kAtLeast + bytes / 1024, kWindow * 3 / 4);
}

void UploadGate::wait(Ticket ticket, const std::string& peer, std::uint64_t base,
                      std::uint64_t enough, Start start) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = connections_.find(peer);
    if (found != connections_.end() && found->second.waiting == 0) {
      Connection& connection = found->second;
      connection.waiting = ticket;
      Waiter& waiter = waiters_[ticket];
      waiter.peer = peer;
      waiter.start = std::exchange(start, nullptr);
      waiter.base = waiter.seen = base;
      waiter.enough = enough;
      waiter.since = now();
      note_bytes(waiter, connection, now());
    }
  }
  if (start) {
    start();
  } else {
    wake();
  }
}

void UploadGate::release(Ticket ticket) {
  const auto waiter = waiters_.find(ticket);
  const auto connection =
      waiter == waiters_.end() ? connections_.end() : connections_.find(waiter->second.peer);
  if (connection != connections_.end() && connection->second.waiting == ticket) {
    connection->second.waiting = 0;
  }
}

void UploadGate::arrived(Ticket ticket) {
  const std::scoped_lock lock(mutex_);
  release(ticket);
}

void UploadGate::done(Ticket ticket) {
  {
    const std::scoped_lock lock(mutex_);
    release(ticket);
    std::erase(large_, ticket);
    if (waiters_.erase(ticket) == 0) {
      return;
    }
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
    const auto seen = std::span(events).first(static_cast<std::size_t>(std::max(count, 0)));
    if (std::ranges::any_of(seen, [](const auto& event) { return event.data.u64 == kBell; })) {
      silence_bell();
    }
    std::vector<Start> starts;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& event : seen) {
        look(event.data.u64, event.events);
      }
      count_bytes(now());
      starts = grant(now());
      limit = pause();
    }
    for (const auto& start : starts) {
      start();  // outside of the lock: it may call back
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
  for (auto& [ticket, waiter] : waiters_) {
    const auto connection = connections_.find(waiter.peer);
    if (connection != connections_.end() && connection->second.waiting == ticket) {
      note_bytes(waiter, connection->second, now);
    }
  }
}

void UploadGate::note_bytes(Waiter& waiter, const Connection& connection, Time now) {
  if (waiter.stage != Stage::kSilent && waiter.stage != Stage::kTrickle) {
    return;
  }
  const std::uint64_t bytes = bytes_received(connection.socket);
  if (bytes == waiter.seen) {
    return;
  }
  waiter.seen = bytes;
  waiter.since = now;
  waiter.stage = Stage::kTrickle;
  if (bytes - waiter.base >= waiter.enough) {
    waiter.stage = Stage::kLarge;
    large_.push_back(connection.waiting);
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
  constexpr std::size_t kShortest = 20;
  constexpr std::size_t kLongest = 250;
  const bool changes = std::any_of(waiters_.begin(), waiters_.end(), [](const auto& entry) {
    return entry.second.stage != Stage::kSlow && entry.second.stage != Stage::kSuspect;
  });
  return changes ? static_cast<int>(std::clamp(waiters_.size() / 2, kShortest, kLongest)) : -1;
}

}  // namespace marvel::federate
