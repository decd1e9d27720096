// Real connections over the loopback: the kernel counts their bytes.
#include "federate/transport/upload_gate.hpp"

#include "federate/transport/listener.hpp"
#include "federate/wire/chunks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <netinet/in.h>
#include <sys/resource.h>
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

constexpr std::uint64_t kModel = 50'000'000;

// A port whose connections are known to a gate, and clients that send to it.
struct Port {
  struct Client {
    int socket = -1;
    std::string peer;
    UploadGate::Ticket ticket = 0;
    std::uint64_t base = 0;
    std::uint64_t expected = kModel;
    std::uint64_t round = 1;
    bool is_free = false;
    std::atomic<int> started = 0;
    std::atomic<int> too_slow = 0;
    std::atomic<int> too_much = 0;
  };

  explicit Port(const UploadGate::Patience& patience = {}) : gate(patience) {
    REQUIRE(listener.open("127.0.0.1:0").has_value());
    listener.start([this](int socket, const std::string& peer) {
      const std::scoped_lock lock(mutex);
      CHECK(gate.add_connection(peer, socket));
      accepted.emplace_back(socket, peer);
    });
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port() {
    drain = {};
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
    UploadGate::Wait wait;
    wait.peer = client.peer;
    wait.base = client.base;
    wait.asked = 16U << 20U;  // 32768 bytes are enough
    wait.expected = client.expected;
    wait.is_free = client.is_free;
    wait.slack = slack;
    wait.round = client.round;
    wait.start = [&client] { ++client.started; };
    wait.end = [&client](UploadGate::End why) {
      ++(why == UploadGate::End::kTooSlow ? client.too_slow : client.too_much);
    };
    gate.wait(client.ticket, std::move(wait));
  }
  void join_and_upload(Client& client) {
    join(client);
    wait(client);
    upload(client, 40000);
  }
  static void upload(const Client& client, std::size_t bytes) {
    const std::string data(bytes, 'x');
    REQUIRE(::send(client.socket, data.data(), data.size(), 0) ==
            static_cast<ssize_t>(data.size()));
  }

  // Reads what comes, as the network library would.
  void drain_all(const std::stop_token& stop) {
    std::string bytes(1U << 20U, 'x');
    while (!stop.stop_requested()) {
      {
        const std::scoped_lock lock(mutex);
        for (const auto& [socket, peer] : accepted) {
          [[maybe_unused]] const auto got =
              ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
        }
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  std::mutex mutex;
  std::vector<std::pair<int, std::string>> accepted;
  std::size_t joined = 0;
  std::uint64_t slack = 1U << 20U;
  UploadGate gate;
  Listener listener;
  std::jthread drain{[this](const std::stop_token& stop) { drain_all(stop); }};
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
  CHECK(UploadGate::enough(std::uint64_t{4} << 30U) < UploadGate::kWindow);
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

TEST_CASE("small uploads have more than two places") {
  std::array<Port::Client, 4> clients;
  Port port;
  for (auto& client : clients) {
    client.expected = UploadGate::kTogether / 3;
    port.join_and_upload(client);
  }
  const auto started = [&clients] {
    return std::count_if(clients.begin(), clients.end(), [](auto& one) { return one.started > 0; });
  };
  CHECK(soon([&] { return started() == 3; }));
  std::this_thread::sleep_for(100ms);
  CHECK(started() == 3);
  for (auto& client : clients) {
    ::close(client.socket);
  }
}

TEST_CASE(
    "uploads that stand still end when others wait for their places, one that moves does not") {
  std::array<Port::Client, UploadGate::kPlaces + UploadGate::kSlowPlaces> first;
  Port::Client last;
  Port port({Time{20}, Time{5000}, Time{1000}});
  for (auto& client : first) {
    port.join_and_upload(client);
  }
  CHECK(soon([&] { return first.back().started == 1; }));
  const auto too_slow = [&first] {
    return std::count_if(first.begin(), first.end(), [](auto& one) { return one.too_slow > 0; });
  };
  std::this_thread::sleep_for(1200ms);
  CHECK(too_slow() == 0);  // nobody waits
  std::jthread moving([&first](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Port::upload(first.front(), kModel / 40);
      std::this_thread::sleep_for(100ms);
    }
  });
  std::this_thread::sleep_for(600ms);
  port.join_and_upload(last);
  CHECK(soon([&] { return too_slow() == 1; }));
  CHECK(first.front().too_slow == 0);
  for (auto& client : first) {
    if (client.too_slow > 0) {
      port.gate.done(client.ticket);
    }
  }
  CHECK(soon([&] { return last.started == 1; }));
  moving = {};
  for (auto& client : first) {
    ::close(client.socket);
  }
  ::close(last.socket);
}

TEST_CASE("one that crawls makes room for others among uploads that are faster") {
  std::array<Port::Client, UploadGate::kPlaces + UploadGate::kSlowPlaces> first;
  Port::Client last;
  Port port({Time{20}, Time{5000}, Time{2000}});
  port.slack = 1U << 30U;  // they go on sending for as long as the test takes
  for (auto& client : first) {
    port.join_and_upload(client);
  }
  CHECK(soon([&] { return first.back().started == 1; }));
  std::jthread moving([&first](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (auto& client : first) {
        Port::upload(client, kModel / (&client == &first.front() ? 400 : 50));
      }
      std::this_thread::sleep_for(200ms);
    }
  });
  port.join_and_upload(last);
  CHECK(soon([&] { return first.front().too_slow == 1; }));
  CHECK(std::all_of(first.begin() + 1, first.end(), [](auto& one) { return one.too_slow == 0; }));
  moving = {};
  port.gate.done(first.front().ticket);
  CHECK(soon([&] { return last.started == 1; }));
  for (auto& client : first) {
    ::close(client.socket);
  }
  ::close(last.socket);
}

TEST_CASE("who begins with a few bytes and then stops in its model makes room for the next such") {
  std::array<Port::Client, 3> clients;
  Port port({Time{20}, Time{100}, Time{500}});
  port.join(clients[0]);
  port.wait(clients[0]);
  Port::upload(clients[0], 100);  // a trickle, which is read once it is suspect
  CHECK(soon([&] { return clients[0].started == 1; }));
  port.join(clients[1]);
  port.wait(clients[1]);
  Port::upload(clients[1], 100);  // that may be all that it has to say
  std::this_thread::sleep_for(1s);
  CHECK(clients[0].too_slow == 0);  // it may be training: nothing of a model has come
  Port::upload(clients[0], 40000);
  CHECK(soon([&] { return clients[0].too_slow == 1; }));
  port.gate.done(clients[0].ticket);
  CHECK(soon([&] { return clients[1].started == 1; }));
  for (auto& client : clients) {
    if (client.socket >= 0) {
      ::close(client.socket);
    }
  }
}

TEST_CASE("an upload of a round that is over makes room for one that has waited") {
  std::array<Port::Client, 4> old;
  Port::Client fresh;
  Port port({Time{100000}, Time{5000}, Time{300}});
  for (auto& client : old) {
    client.round = 1;
    client.expected = kModel;
  }
  port.join_and_upload(old[0]);
  port.join_and_upload(old[1]);
  CHECK(soon([&] { return old[0].started + old[1].started == 2; }));
  fresh.round = 2;
  port.join_and_upload(fresh);
  CHECK(soon([&] { return old[0].too_slow + old[1].too_slow == 1; }));
  ::close(old[0].socket);
  ::close(old[1].socket);
  ::close(fresh.socket);
}

TEST_CASE("who brings far more than is expected is ended, and the others are not") {
  std::array<Port::Client, 3> clients;
  Port port;
  for (auto& client : clients) {
    client.is_free = true;
    client.expected = 1000;
    port.join(client);
    port.wait(client);
    CHECK(client.started == 1);  // few bytes are expected, so nobody waits
    Port::upload(client, 200'000);
  }
  std::this_thread::sleep_for(200ms);
  CHECK(clients[0].too_much + clients[1].too_much + clients[2].too_much == 0);
  Port::upload(clients[1], 500'000);
  CHECK(soon([&] { return clients[1].too_much == 1; }));  // together they are above the slack
  CHECK(clients[0].too_much + clients[2].too_much == 0);
  for (auto& client : clients) {
    ::close(client.socket);
  }
}

TEST_CASE("an answer that has arrived is no excess of the next one") {
  Port::Client client;
  Port::Client beside;  // keeps the connection busy
  Port port;
  client.is_free = true;
  client.expected = 2'000'000;
  port.join(client);
  beside.peer = client.peer;
  beside.is_free = true;
  beside.expected = 1000;
  port.wait(beside);
  for (int i = 0; i < 3; ++i) {
    port.wait(client);
    Port::upload(client, 900'000);
    CHECK(soon([&] {
      return port.gate.received(client.peer) == 900'000U * static_cast<unsigned>(i + 1);
    }));
    port.gate.arrived(client.ticket, 900'000);
    port.gate.done(client.ticket);
  }
  std::this_thread::sleep_for(100ms);
  CHECK(client.too_much + beside.too_much == 0);
  ::close(client.socket);
}

TEST_CASE("streams of one connection are read beside each other up to a number") {
  std::array<Port::Client, UploadGate::kPlacesBeside + 3> streams;
  Port port;
  port.join(streams[0]);
  for (auto& stream : streams) {
    stream.peer = streams[0].peer;
    port.wait(stream);
  }
  const auto started = [&streams] {
    return static_cast<std::size_t>(
        std::count_if(streams.begin(), streams.end(), [](auto& one) { return one.started > 0; }));
  };
  CHECK(soon([&] { return started() == UploadGate::kPlacesBeside; }));
  CHECK(streams[0].started == 0);
  std::this_thread::sleep_for(100ms);
  CHECK(started() == UploadGate::kPlacesBeside);
  port.gate.done(streams[1].ticket);
  CHECK(soon([&] { return started() == UploadGate::kPlacesBeside + 1; }));
  ::close(streams[0].socket);
  CHECK(soon([&] { return started() == streams.size(); }));
}

TEST_CASE("only the client that was asked last may offer a first model of any size") {
  std::array<Port::Client, 2> clients;
  Port port;
  for (auto& client : clients) {
    client.is_free = true;
    client.expected = wire::kLongestMessage;
    port.join(client);
    port.wait(client);
    Port::upload(client, 1'500'000);
  }
  CHECK(soon([&] { return clients[0].too_slow == 1; }));  // it has done no wrong: it may return
  CHECK(clients[0].too_much == 0);
  CHECK(clients[1].too_slow + clients[1].too_much == 0);
  for (auto& client : clients) {
    ::close(client.socket);
  }
}

TEST_CASE("peers are named alike by the network library and by the listener") {
  CHECK(UploadGate::plain_peer("ipv4:127.0.0.1:4711") == "127.0.0.1:4711");
  CHECK(UploadGate::plain_peer("ipv6:%5B::1%5D:4711") == "[::1]:4711");
  CHECK(UploadGate::plain_peer("ipv6:[::1]:4711") == "[::1]:4711");
  CHECK(UploadGate::plain_peer("ipv6:%5Bfe80::1%252%5D:4711") == "[fe80::1%2]:4711");
  CHECK(UploadGate::plain_peer("ipv6:[fe80::1%25]:4711") == "[fe80::1%25]:4711");
  CHECK(UploadGate::plain_peer("ipv4:127.0.0.1%") == "127.0.0.1%");
}

TEST_CASE("the last descriptors are kept from connections") {
  std::atomic<int> accepted = 0;
  Listener listener;
  REQUIRE(listener.open("127.0.0.1:0").has_value());
  listener.start([&accepted](int socket, const std::string& /*peer*/) {
    ++accepted;
    ::close(socket);
  });
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int socket = connect_to(listener.port());
  CHECK(soon([&] { return accepted == 1; }));
  CHECK_FALSE(listener.turned_away());
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(socket) + Listener::kReserve;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  const int other = connect_to(listener.port());
  CHECK(soon([&] { return listener.turned_away(); }));
  CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(accepted == 1);
  ::close(socket);
  ::close(other);
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
