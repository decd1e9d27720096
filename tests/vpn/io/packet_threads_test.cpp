#include "vpn/io/packet_threads.hpp"

#include "base/cpus.hpp"
#include "support/fakes.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {
namespace {

// How many threads an edge or a super node has when so many are wanted.
int started(int wanted, bool edge) {
  test::TestContext test;
  auto socket = UdpSocket::open(Endpoint::from_ipv4(0x7f000001, 0));
  REQUIRE(socket);
  FrameWriter device([](Bytes, const PartialChecksum&, std::size_t, std::size_t) {});
  FrameWriter* const place = edge ? &device : nullptr;
  const int count = start_packet_threads(wanted, *socket, place, test.context);
  CHECK(test.log.lines.empty());
  CHECK_FALSE(failure_of_threads(*socket, place));
  return count;
}

}  // namespace

TEST_CASE("a node has as many threads as are wanted and have something to do") {
  CHECK(started(1, true) == 1);
  CHECK(started(2, true) == 2);
  CHECK(started(3, true) == 3);
  CHECK(started(9, true) == 3);
  CHECK(started(1, false) == 1);
  CHECK(started(3, false) == 2);
}

TEST_CASE("unasked, a node has several threads on machines with at least four CPUs") {
  const bool several = usable_cpus() >= 4;
  CHECK(started(0, true) == (several ? 3 : 1));
  CHECK(started(0, false) == (several ? 2 : 1));
}

TEST_CASE("a thread that fails is told") {
  auto socket = UdpSocket::open(Endpoint::from_ipv4(0x7f000001, 0));
  REQUIRE(socket);
  FrameWriter device([](Bytes, const PartialChecksum&, std::size_t, std::size_t) { throw 1; });
  REQUIRE(device.start_thread());
  const std::vector<std::uint8_t> frame(60'000);
  device.add(frame, {});
  device.flush();
  while (!failure_of_threads(*socket, &device)) {
    std::this_thread::yield();
  }
  const auto failure = failure_of_threads(*socket, &device);
  REQUIRE(failure);
  CHECK(failure->code == Errc::kInternal);
}

}  // namespace marvel::vpn
