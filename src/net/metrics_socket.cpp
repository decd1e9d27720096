#include "net/metrics_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>

#include <netdb.h>

namespace marvel::net {

namespace {

// A socket address and its size.
struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Result<Place> parse(const std::string& text) {
  const auto wrong = [&text] {
    return fail(Errc::kUsage, "--metrics '" + text + "' is no ADDRESS:PORT",
                "as in 127.0.0.1:9464 or [::]:9464");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    return wrong();
  }
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  if (host.empty() ||
      ::getaddrinfo(host.c_str(), text.substr(colon + 1).c_str(), &hints, &found) != 0) {
    return wrong();
  }
  Place place;
  place.size = found->ai_addrlen;
  std::memcpy(&place.address, found->ai_addr, place.size);
  ::freeaddrinfo(found);
  return place;
}

// Where a machine has no IPv6, every address is every one of IPv4; `place` is changed to that.
Fd open_socket(Place& place) {
  constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  Fd fd(::socket(place.address.ss_family, kType, 0));
  if (fd.is_open() || errno != EAFNOSUPPORT || place.address.ss_family != AF_INET6) {
    return fd;
  }
  const auto& wanted = reinterpret_cast<const sockaddr_in6&>(place.address);
  if (!IN6_IS_ADDR_UNSPECIFIED(&wanted.sin6_addr)) {
    return fd;
  }
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = wanted.sin6_port;
  place.size = sizeof any;
  std::memcpy(&place.address, &any, sizeof any);
  return Fd(::socket(AF_INET, kType, 0));
}

// 0, or the errno of what went wrong.
int listen_at(const Fd& fd, const Place& place) {
  if (!fd.is_open()) {
    return errno;
  }
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (place.address.ss_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  const bool done =
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place.address), place.size) == 0 &&
      ::listen(fd.get(), 8) == 0;
  return done ? 0 : errno;
}

}  // namespace

Result<MetricsSocket> MetricsSocket::listen(const std::string& place) {
  MARVEL_TRY(Place local, parse(place));
  Fd fd = open_socket(local);
  int error = listen_at(fd, local);
  MetricsSocket socket(std::move(fd), Fd(::epoll_create1(EPOLL_CLOEXEC)));
  const bool watched =
      error != 0 || (socket.events_.is_open() && socket.watch(EPOLL_CTL_ADD, socket.fd_, EPOLLIN));
  if (!watched) {
    error = errno;
  }
  if (error != 0) {
    return fail(Errc::kUnavailable,
                "cannot serve metrics on " + place + ": " + std::generic_category().message(error),
                "--metrics names another place");
  }
  return socket;
}

int MetricsSocket::port() const {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

bool MetricsSocket::watch(int operation, const Fd& fd, std::uint32_t events) const {
  epoll_event event{};
  event.events = events;
  return ::epoll_ctl(events_.get(), operation, fd.get(), &event) == 0;
}

void MetricsSocket::accept_clients() {
  constexpr std::size_t kMost = 16;
  for (std::size_t count = 0; count < kMost; ++count) {
    Fd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.is_open()) {
      return;
    }
    if (clients_.size() == kMost) {
      clients_.erase(clients_.begin());  // so that silent ones keep nobody out
    }
    if (watch(EPOLL_CTL_ADD, fd, EPOLLIN)) {
      clients_.push_back({std::move(fd), ""});
    }
  }
}

// Whether the connection is to be closed.
bool MetricsSocket::serve(Client& client, std::string_view text) const {
  if (client.rest.empty()) {
    std::array<char, 4096> request{};  // read, as closing with something unread cuts the answer
    const ssize_t got = ::recv(client.fd.get(), request.data(), request.size(), 0);
    if (got <= 0) {
      return got == 0 || errno != EAGAIN;
    }
    client.rest = "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
                  std::to_string(text.size()) + "\r\n\r\n" + std::string(text);
  }
  while (!client.rest.empty()) {
    const ssize_t sent =
        ::send(client.fd.get(), client.rest.data(), client.rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      return errno != EAGAIN || !watch(EPOLL_CTL_MOD, client.fd, EPOLLOUT);
    }
    client.rest.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

void MetricsSocket::answer(std::string_view text) {
  accept_clients();
  std::erase_if(clients_, [&](Client& client) { return serve(client, text); });
}

}  // namespace marvel::net
