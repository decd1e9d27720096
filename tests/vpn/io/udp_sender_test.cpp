#include "vpn/io/udp_sender.hpp"

#include "vpn/io/fd.hpp"

#include <sys/socket.h>

#include <doctest/doctest.h>

namespace marvel::vpn {
namespace {

const Endpoint kOne = Endpoint::from_ipv4(0x7f000001, 1001);
const Endpoint kOther = Endpoint::from_ipv4(0x7f000001, 1002);

void add(SendArena& arena, std::size_t size, const Endpoint& to, bool joined = true) {
  arena.reserve(size);
  arena.add(to, joined);
}

}  // namespace

TEST_CASE("datagrams of one size to one place are one batch, which a shorter one closes") {
  SendArena arena;
  for (const std::size_t size : {100, 100, 60, 60, 90}) {
    add(arena, size, kOne);
  }
  add(arena, 90, kOther);
  add(arena, 90, kOther, false);
  std::vector<std::size_t> counts;
  for (const auto& batch : arena.batches()) {
    counts.push_back(batch.count);
  }
  CHECK(counts == std::vector<std::size_t>{3, 1, 1, 1, 1});
  CHECK(arena.bytes(arena.batches().front()).size() == 260);
  CHECK(arena.used() == 590);
  arena.clear();
  CHECK(arena.batches().empty());
  CHECK(arena.used() == 0);
}

TEST_CASE("an arena is full when its bytes or its batches are") {
  SendArena arena;
  std::size_t count = 0;
  for (; arena.has_room(60'000); ++count) {
    add(arena, 60'000, kOne);
  }
  CHECK(count >= 4);
  arena.clear();
  for (count = 0; arena.has_room(1); ++count) {
    add(arena, 1, count % 2 == 0 ? kOne : kOther);
  }
  CHECK(count == SendArena::kMostBatches);
}

TEST_CASE("each datagram that the kernel does not take is counted") {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  REQUIRE(socket.is_open());
  UdpSender sender(socket.get(), true);
  SendArena arena;
  const Endpoint broadcast = Endpoint::from_ipv4(0xffffffff, 1001);  // the socket may not
  for (int count = 0; count < 3; ++count) {
    add(arena, 100, broadcast);
  }
  add(arena, 100, kOne);
  sender.send(arena);
  CHECK(sender.lost() == 3);
  sender.lose(2);
  CHECK(sender.lost() == 5);
}

}  // namespace marvel::vpn
