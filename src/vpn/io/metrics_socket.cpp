#include "vpn/io/metrics_socket.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>

namespace marvel::vpn {

Result<MetricsSocket> MetricsSocket::listen(const Endpoint& local) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(local.port);
  std::memcpy(&address.sin6_addr, local.address.data(), local.address.size());
  Fd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (!fd.is_open() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 8) != 0) {
    return fail(Errc::kUnavailable,
                "cannot serve metrics on TCP port " + std::to_string(local.port) + ": " +
                    std::generic_category().message(errno),
                "--metrics names another place");
  }
  return MetricsSocket(std::move(fd));
}

void MetricsSocket::answer(std::string_view text) {
  const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client.is_open()) {
    return;
  }
  constexpr timeval kShort{0, 50'000};
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &kShort, sizeof kShort);
  ::setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &kShort, sizeof kShort);
  std::array<char, 4096> request{};  // read, because closing with something unread cuts the answer
  if (::recv(client.get(), request.data(), request.size(), 0) <= 0) {
    return;
  }
  const std::string answer =
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
      std::to_string(text.size()) + "\r\n\r\n" + std::string(text);
  // One call: what does not fit into the socket's buffer at once is cut.
  ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace marvel::vpn
