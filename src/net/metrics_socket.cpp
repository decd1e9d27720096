#include "net/metrics_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
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

// What has not gone by then is cut: a slow reader must not hold up the work.
void send_within(int socket, std::string_view text, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd room{socket, POLLOUT, 0};
    const bool goes_on =
        errno == EAGAIN && left.count() > 0 && ::poll(&room, 1, static_cast<int>(left.count())) > 0;
    if (!goes_on) {
      return;
    }
  }
}

}  // namespace

Result<MetricsSocket> MetricsSocket::listen(const std::string& place) {
  MARVEL_TRY(const Place local, parse(place));
  Fd fd(::socket(local.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (local.address.ss_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (!fd.is_open() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&local.address), local.size) != 0 ||
      ::listen(fd.get(), 8) != 0) {
    return fail(Errc::kUnavailable,
                "cannot serve metrics on " + place + ": " + std::generic_category().message(errno),
                "--metrics names another place");
  }
  return MetricsSocket(std::move(fd));
}

int MetricsSocket::port() const {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

void MetricsSocket::answer(std::string_view text) {
  const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client.is_open()) {
    return;
  }
  constexpr timeval kShort{0, 50'000};
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &kShort, sizeof kShort);
  std::array<char, 4096> request{};  // read, because closing with something unread cuts the answer
  if (::recv(client.get(), request.data(), request.size(), 0) <= 0) {
    return;
  }
  const std::string answer =
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
      std::to_string(text.size()) + "\r\n\r\n" + std::string(text);
  send_within(client.get(), answer, std::chrono::milliseconds(50));
}

}  // namespace marvel::net
