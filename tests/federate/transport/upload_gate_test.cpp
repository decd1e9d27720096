// Real connections over the loopback: the kernel counts their bytes.
#include "federate/transport/upload_gate.hpp"

#include "federate/transport/listener.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using namespace std::chrono_literals;

bool soon(const auto& condition) {
  for (int i = 0; i < 1000 && !condition(); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  return condition();
}

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  return socket;
}

// A port whose connections are known to a gate, and clients that send to it.
struct Port {
  struct Client {
    int socket = -1;
    std::string peer;
    UploadGate::Ticket ticket = 0;
    std::uint64_t base = 0;
    std::atomic<int> started = 0;
  };

  Port() {
    REQUIRE(listener.open("127.0.0.1:0").has_value());
    listener.start([this](int socket, const std::string& peer) {
      const std::scoped_lock lock(mutex);
      gate.add_connection(peer, socket);
      accepted.emplace_back(socket, peer);
    });
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() {
    for (const auto& [socket, peer] : accepted) {
      ::close(socket);
    }
  }
  void join(Client& client) {
    client.socket = connect_to(listener.port());
    const auto count = [this] {
      const std::scoped_lock lock(mutex);
      return accepted.size();
    };
    joined += 1;
    REQUIRE(soon([&] { return count() == joined; }));
    const std::scoped_lock lock(mutex);
    client.peer = accepted.back().second;
  }
  void wait(Client& client) {
    client.ticket = gate.new_ticket();
    gate.wait(client.ticket, client.peer, client.base, 32768, [&client] { ++client.started; });
  }
  static void upload(const Client& client, std::size_t bytes) {
    const std::string data(bytes, 'x');
    REQUIRE(::send(client.socket, data.data(), data.size(), 0) ==
            static_cast<ssize_t>(data.size()));
  }

  std::mutex mutex;
  std::vector<std::pair<int, std::string>> accepted;
  std::size_t joined = 0;
  UploadGate gate;
  Listener listener;
};

}  // namespace

TEST_CASE("two uploads may go on at a time, and the next begins when one is through") {
  std::array<Port::Client, 4> clients;
  Port port;
  for (auto& client : clients) {
    port.join(client);
    port.wait(client);
    Port::upload(client, 40000);
  }
  const auto started = [&clients] {
    int sum = 0;
    for (auto& client : clients) {
      sum += client.started;
    }
    return sum;
  };
  CHECK(soon([&] { return started() == 2; }));
  std::this_thread::sleep_for(100ms);
  CHECK(started() == 2);
  for (auto& client : clients) {
    if (client.started == 1) {
      port.gate.done(client.ticket);
      break;
    }
  }
  CHECK(soon([&] { return started() == 3; }));
  for (auto& client : clients) {
    CHECK(client.started <= 1);
    ::close(client.socket);
  }
}

TEST_CASE("an answer that is faster than the question's end is not overlooked") {
  Port::Client client;
  Port port;
  port.join(client);
  client.base = port.gate.received(client.peer);
  Port::upload(client, 40000);
  CHECK(soon([&] { return port.gate.received(client.peer) == client.base + 40000; }));
  port.wait(client);
  CHECK(soon([&] { return client.started == 1; }));
  CHECK(UploadGate::enough(std::size_t{4} << 30U) < UploadGate::kWindow);
  CHECK(UploadGate::enough(100'000'000) > 26U * 1526U);
  ::close(client.socket);
}

TEST_CASE("a client that still trains takes no place") {
  std::array<Port::Client, 3> clients;
  Port port;
  for (auto& client : clients) {
    port.join(client);
    port.wait(client);
  }
  Port::upload(clients[0], 17);  // HTTP/2's answer to a ping
  Port::upload(clients[2], 40000);
  CHECK(soon([&] { return clients[2].started == 1; }));
  CHECK(clients[0].started == 0);
  CHECK(clients[1].started == 0);
  CHECK(soon([&] { return clients[0].started == 1; }));  // a short answer, after a while
  for (auto& client : clients) {
    ::close(client.socket);
  }
}

TEST_CASE("who waits on a connection that ends is told, and unknown ones do not wait") {
  std::array<Port::Client, 2> clients;
  Port port;
  port.join(clients[0]);
  port.wait(clients[0]);
  ::close(clients[0].socket);
  CHECK(soon([&] { return clients[0].started == 1; }));
  clients[1].peer = "192.0.2.1:1";
  port.wait(clients[1]);
  CHECK(clients[1].started == 1);
}

TEST_CASE("peers are named alike by the network library and by the listener") {
  CHECK(UploadGate::plain_peer("ipv4:127.0.0.1:4711") == "127.0.0.1:4711");
  CHECK(UploadGate::plain_peer("ipv6:%5B::1%5D:4711") == "[::1]:4711");
  CHECK(UploadGate::plain_peer("ipv6:[::1]:4711") == "[::1]:4711");
}

TEST_CASE("a port that is taken is refused, and localhost answers on both of its addresses") {
  Listener first;
  REQUIRE(first.open("localhost:0").has_value());
  first.start([](int socket, const std::string& /*peer*/) { ::close(socket); });
  ::close(connect_to(first.port()));
  Listener second;
  CHECK(second.open("127.0.0.1:" + std::to_string(first.port())).error().code ==
        Errc::kUnavailable);
  Listener third;
  CHECK(third.open("nowhere.invalid:0").error().code == Errc::kUnavailable);
}

}  // namespace marvel::federate
