#include "vpn/io/poller.hpp"

#include "base/check.hpp"

#include <array>
#include <ctime>
#include <sys/epoll.h>

namespace marvel::vpn {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  MARVEL_CHECK(epoll_.is_open(), "no epoll");
}

void Poller::watch(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  MARVEL_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0, "cannot watch");
}

const std::vector<int>& Poller::wait(Duration limit) {
  std::array<epoll_event, 8> events{};
  const auto milliseconds_left =
      std::chrono::ceil<std::chrono::milliseconds>(std::max(limit, Duration{0})).count();
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(milliseconds_left));
  ready_.clear();
  for (int at = 0; at < count; ++at) {
    ready_.push_back(events[static_cast<std::size_t>(at)].data.fd);
  }
  return ready_;
}

Time Poller::now() {
  // Unlike the monotonic clock this one goes on while the machine sleeps: sessions and certificates
  // end meanwhile.
  timespec spec{};
  ::clock_gettime(CLOCK_BOOTTIME, &spec);
  return seconds(spec.tv_sec) + std::chrono::nanoseconds(spec.tv_nsec);
}

std::uint64_t Poller::unix_ns_at_zero() {
  const auto calendar = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return static_cast<std::uint64_t>((calendar - now()).count());
}

}  // namespace marvel::vpn
