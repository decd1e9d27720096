#include "vpn/io/metrics_socket.hpp"

#include "vpn/support.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace marvel::vpn {

TEST_CASE("who asks by HTTP gets the metrics, and who says nothing gets nothing") {
  auto socket = MetricsSocket::listen(Endpoint::from_ipv4(INADDR_LOOPBACK, 0));
  REQUIRE(socket);
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket->fd(), reinterpret_cast<sockaddr*>(&bound), &size);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = bound.sin6_port;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (const bool asks : {true, false}) {
    const Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    if (asks) {
      ::send(client.get(), "GET /metrics HTTP/1.0\r\n\r\n", 25, 0);
    }
    socket->answer("one 1\n");
    char text[256] = {};
    const ssize_t got = ::recv(client.get(), text, sizeof text - 1, 0);
    CHECK((got > 0) == asks);
    const std::string answer(text);
    CHECK(answer.starts_with("HTTP/1.0 200 OK\r\n") == asks);
    CHECK(answer.ends_with("\r\n\r\none 1\n") == asks);
  }
}

}  // namespace marvel::vpn
