#include "vpn/io/udp_socket.hpp"

#include "vpn/support.hpp"

#include <poll.h>

namespace marvel::vpn {
namespace {

Endpoint loopback(std::uint16_t port) {
  return Endpoint::from_ipv4(0x7f000001, port);
}

struct Pair {
  Result<UdpSocket> a = UdpSocket::open(loopback(0));
  Result<UdpSocket> b = UdpSocket::open(loopback(0));

  void queue(std::size_t size, std::uint8_t fill) {
    const MutableBytes room = a->reserve(size);
    std::fill(room.begin(), room.end(), fill);
    a->queue(loopback(b->port()));
  }
  std::vector<std::vector<std::uint8_t>> receive(std::size_t expected) {
    std::vector<std::vector<std::uint8_t>> got;
    pollfd wanted{b->fd(), POLLIN, 0};
    while (got.size() < expected && ::poll(&wanted, 1, 2000) > 0) {
      b->receive([&](const Endpoint& from, MutableBytes bytes) {
        CHECK(from == loopback(a->port()));
        got.emplace_back(bytes.begin(), bytes.end());
      });
    }
    return got;
  }
};

}  // namespace

TEST_CASE("datagrams of all sizes arrive whole, in order and apart") {
  Pair pair;
  REQUIRE((pair.a && pair.b));
  CounterRng rng(1);
  std::vector<std::size_t> sizes;
  for (int run = 0; run < 20; ++run) {
    const std::size_t size = 1 + rng.below(1400);
    for (std::uint32_t count = rng.below(70); count > 0; --count) {
      sizes.push_back(size);
    }
    sizes.push_back(1 + rng.below(1400));
  }
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    pair.queue(sizes[at], static_cast<std::uint8_t>(at));
  }
  pair.a->flush();
  const auto got = pair.receive(sizes.size());
  REQUIRE(got.size() == sizes.size());
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    REQUIRE(got[at] == std::vector<std::uint8_t>(sizes[at], static_cast<std::uint8_t>(at)));
  }
  CHECK(pair.a->lost() == 0);
}

TEST_CASE("a dual-stack socket talks to IPv4") {
  auto all = UdpSocket::open(Endpoint());
  auto one = UdpSocket::open(loopback(0));
  REQUIRE((all && one));
  all->reserve(5);
  all->queue(loopback(one->port()));
  all->flush();
  pollfd wanted{one->fd(), POLLIN, 0};
  REQUIRE(::poll(&wanted, 1, 2000) == 1);
  Endpoint seen;
  one->receive([&](const Endpoint& from, MutableBytes) { seen = from; });
  CHECK(seen == loopback(all->port()));
}

TEST_CASE("a port that is taken is told") {
  const auto first = UdpSocket::open(loopback(0));
  REQUIRE(first);
  const auto second = UdpSocket::open(loopback(first->port()));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::kUnavailable);
}

TEST_CASE("HOST:PORT is resolved, and anything else is refused") {
  const auto v4 = resolve("127.0.0.1:4194");
  REQUIRE(v4);
  CHECK(v4->front() == loopback(4194));
  const auto v6 = resolve("[::1]:4194");
  REQUIRE(v6);
  CHECK(v6->front().text() == "[::1]:4194");
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536"}) {
    CAPTURE(text);
    const auto none = resolve(text);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == Errc::kInput);
  }
}

}  // namespace marvel::vpn
