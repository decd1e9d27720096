#include "vpn/io/udp_socket.hpp"

#include "vpn/allocations.hpp"
#include "vpn/support.hpp"

#include <atomic>
#include <poll.h>
#include <thread>

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

TEST_CASE("a socket with a sending thread sends all, in order and apart") {
  Pair pair;
  REQUIRE((pair.a && pair.b));
  REQUIRE(pair.a->start_thread());
  CounterRng rng(2);
  std::uint8_t fill = 0;
  for (std::uint64_t round = seeds(200); round > 0; --round) {
    // From a few bytes, which this thread sends, to what the other one does, which may be busy.
    std::vector<std::vector<std::uint8_t>> sent;
    const std::uint32_t most = 1U << rng.below(7);
    for (std::uint32_t count = 1 + rng.below(most); count > 0; --count) {
      sent.emplace_back(rng.below(2) == 0 ? 1300 : 1 + rng.below(1300), fill++);
      pair.queue(sent.back().size(), sent.back().front());
      if (rng.below(16) == 0) {
        pair.a->flush();
      }
    }
    pair.a->flush();
    REQUIRE(pair.receive(sent.size()) == sent);
  }
  CHECK(pair.a->lost() == 0);
  CHECK_FALSE(pair.a->failed());
}

TEST_CASE("more than a sending thread has room for waits its turn, and order stays") {
  Pair pair;
  REQUIRE((pair.a && pair.b));
  REQUIRE(pair.a->start_thread());
  std::atomic<bool> done = false;
  std::uint32_t next = 0;
  bool in_order = true;
  std::thread receiver([&] {  // what it is too slow for is lost in the kernel
    pollfd wanted{pair.b->fd(), POLLIN, 0};
    while (::poll(&wanted, 1, 20) > 0 || !done) {
      pair.b->receive([&](const Endpoint&, MutableBytes bytes) {
        const auto number = load_le<std::uint32_t>(bytes.data());
        in_order = in_order && number >= next;
        next = number + 1;
      });
    }
  });
  constexpr std::uint32_t kCount = 16'000;  // 20 MB
  for (std::uint32_t number = 0; number < kCount; ++number) {
    store_le(pair.a->reserve(1300).data(), number);
    pair.a->queue(loopback(pair.b->port()));
  }
  pair.a->flush();
  pair.a = UdpSocket::open(loopback(0));  // in the middle of its work, which it ends
  done = true;
  receiver.join();
  CHECK(in_order);
  CHECK(next > 0);
}

TEST_CASE("a socket with a sending thread can be moved and takes no memory for a datagram") {
  Pair pair;
  REQUIRE((pair.a && pair.b));
  REQUIRE(pair.a->start_thread());
  UdpSocket moved = std::move(*pair.a);
  const auto exchange = [&](std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) {
      moved.reserve(1300);
      moved.queue(loopback(pair.b->port()));
    }
    moved.flush();
    std::size_t bytes = 0;
    pollfd wanted{pair.b->fd(), POLLIN, 0};
    while (bytes < count * 1300 && ::poll(&wanted, 1, 2000) > 0) {
      pair.b->receive([&](const Endpoint&, MutableBytes all) { bytes += all.size(); });
    }
    return bytes;
  };
  exchange(1);
  std::array<std::size_t, 20> got{};
  const std::uint64_t before = allocations_so_far();
  for (std::size_t at = 0; at < got.size(); ++at) {
    got[at] = exchange(at % 2 == 0 ? 1 : 100);
  }
  CHECK(allocations_so_far() == before);
  for (std::size_t at = 0; at < got.size(); ++at) {
    CHECK(got[at] == (at % 2 == 0 ? 1U : 100U) * 1300);
  }
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
