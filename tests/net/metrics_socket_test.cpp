#include "net/metrics_socket.hpp"

#include "support/socket.hpp"

#include <sys/socket.h>
#include <thread>

#include <doctest/doctest.h>

namespace marvel::net {

using test::connected_to;
using test::read_all;

TEST_CASE("who asks by HTTP gets the metrics, and who says nothing gets nothing") {
  for (const char* place : {"127.0.0.1:0", "[::]:0"}) {  // the second one where there is IPv6
    auto socket = MetricsSocket::listen(place);
    if (!socket && place[0] == '[') {
      continue;
    }
    REQUIRE(socket);
    for (const bool asks : {true, false}) {
      const Fd client = connected_to(socket->port());
      if (asks) {
        ::send(client.get(), "GET /metrics HTTP/1.0\r\n\r\n", 25, 0);
      }
      socket->answer("one 1\n");
      const std::string answer = read_all(client);
      CHECK(answer.empty() == !asks);
      CHECK(answer.starts_with("HTTP/1.0 200 OK\r\n") == asks);
      CHECK(answer.ends_with("\r\n\r\none 1\n") == asks);
    }
  }
}

TEST_CASE("a long answer arrives whole, and one who does not read does not hold us up") {
  auto socket = MetricsSocket::listen("127.0.0.1:0");
  REQUIRE(socket);
  const std::string text(20U << 20U, 'x');
  {
    const Fd client = connected_to(socket->port());
    ::send(client.get(), "GET / HTTP/1.0\r\n\r\n", 18, 0);
    std::string answer;
    std::thread reader([&] { answer = read_all(client); });
    socket->answer(std::string_view(text).substr(0, 1U << 20U));
    reader.join();
    CHECK(answer.ends_with("\r\n\r\n" + text.substr(0, 1U << 20U)));
  }
  const Fd silent = connected_to(socket->port());
  ::send(silent.get(), "GET / HTTP/1.0\r\n\r\n", 18, 0);
  const auto begun = std::chrono::steady_clock::now();
  socket->answer(text);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
}

TEST_CASE("what is no address and port is refused, and a port that is taken") {
  for (const char* place : {"", "9464", "localhost:9464", "127.0.0.1:x", ":9464", "[::1:9464"}) {
    CAPTURE(place);
    const auto socket = MetricsSocket::listen(place);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Errc::kUsage);
  }
  const auto first = MetricsSocket::listen("127.0.0.1:0");
  REQUIRE(first);
  const auto second = MetricsSocket::listen("127.0.0.1:" + std::to_string(first->port()));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kUnavailable);
}

}  // namespace marvel::net
