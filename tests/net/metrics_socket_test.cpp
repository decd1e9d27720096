#include "net/metrics_socket.hpp"

#include "support/socket.hpp"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <future>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::net {

using test::connected_to;
using test::read_all;

namespace {

using Clock = std::chrono::steady_clock;

// What the owner does while there is something to do, for at most `limit` at a time.
bool answer_if_due(MetricsSocket& socket, std::string_view text, std::chrono::milliseconds limit) {
  pollfd due{socket.fd(), POLLIN, 0};
  if (::poll(&due, 1, static_cast<int>(limit.count())) <= 0) {
    return false;
  }
  socket.answer(text);
  return true;
}

void ask(const Fd& client) {
  ::send(client.get(), "GET /metrics HTTP/1.0\r\n\r\n", 25, 0);
}

// From here on this thread meets a system without IPv6. Not everywhere may it have that.
bool lose_ipv6() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(rules), rules};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

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
        ask(client);
      }
      socket->answer("one 1\n");
      ::shutdown(client.get(), SHUT_WR);
      answer_if_due(*socket, "one 1\n", std::chrono::milliseconds(asks ? 0 : 5000));
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
    ask(client);
    auto answer = std::async(std::launch::async, [&] { return read_all(client); });
    while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      answer_if_due(*socket, text, std::chrono::milliseconds(100));
    }
    CHECK(answer.get().ends_with("\r\n\r\n" + text));
  }
  const Fd silent = connected_to(socket->port());
  ask(silent);
  const auto begun = Clock::now();
  socket->answer(text);
  CHECK(Clock::now() - begun < std::chrono::seconds(2));
  // Nothing is to be done until there is room again.
  CHECK_FALSE(answer_if_due(*socket, text, std::chrono::milliseconds(0)));
}

TEST_CASE("any number of connections that say nothing hold up neither us nor who asks") {
  auto socket = MetricsSocket::listen("127.0.0.1:0");
  REQUIRE(socket);
  std::vector<Fd> silent;
  const auto begun = Clock::now();
  for (int count = 0; count < 20; ++count) {
    silent.push_back(connected_to(socket->port()));
    CHECK(answer_if_due(*socket, "one 1\n", std::chrono::seconds(5)));
  }
  CHECK(Clock::now() - begun < std::chrono::milliseconds(500));
  const Fd client = connected_to(socket->port());
  ask(client);
  socket->answer("one 1\n");
  CHECK(read_all(client).ends_with("\r\n\r\none 1\n"));
  CHECK(read_all(silent.front()).empty());  // it has made room
}

TEST_CASE("without IPv6 every address is every one of IPv4") {
  std::thread([] {
    if (!lose_ipv6()) {
      MESSAGE("this system does not let a thread lose IPv6");
      return;
    }
    auto socket = MetricsSocket::listen("[::]:0");
    REQUIRE(socket);
    const Fd client = connected_to(socket->port());
    ask(client);
    socket->answer("one 1\n");
    CHECK(read_all(client).ends_with("\r\n\r\none 1\n"));
    const auto lost = MetricsSocket::listen("[::1]:0");
    REQUIRE_FALSE(lost);
    CHECK(lost.error().message.find("not supported") != std::string::npos);
  }).join();
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
