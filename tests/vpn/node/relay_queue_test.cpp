#include "vpn/node/relay_queue.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("a busy destination takes its share and no more") {
  RelayQueue queue(1e6);
  const std::vector<std::uint8_t> datagram(1000);
  std::map<RelayTarget, int> left;
  const auto count = [&left](const RelayTarget& to, Bytes) { ++left[to]; };
  for (int ms = 0; ms < 1000; ++ms) {
    for (int at = 0; at < 20; ++at) {
      queue.add({1}, datagram);  // twenty times the limit
    }
    queue.add({2}, std::vector<std::uint8_t>(300));
    queue.drain(milliseconds(ms), count);
  }
  CHECK(left[{2}] >= 950);  // 0.3 MB of its 0.5
  CHECK(left[{1}] >= 600);
  CHECK(left[{1}] * 1000 + left[{2}] * 300 <= 1'100'000);
}

TEST_CASE("two greedy destinations get the same bytes, whatever the sizes of their datagrams") {
  RelayQueue queue(1e6);
  std::map<RelayTarget, std::size_t> bytes;
  for (int ms = 0; ms < 2000; ++ms) {
    for (int at = 0; at < 5; ++at) {
      queue.add({1}, std::vector<std::uint8_t>(1400));
      queue.add({2}, std::vector<std::uint8_t>(200));
      queue.add({2}, std::vector<std::uint8_t>(200));
      queue.add({2}, std::vector<std::uint8_t>(200));
    }
    queue.drain(milliseconds(ms),
                [&](const RelayTarget& to, Bytes one) { bytes[to] += one.size(); });
  }
  CHECK(static_cast<double>(bytes[{1}]) / static_cast<double>(bytes[{2}]) ==
        doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("a full queue refuses, and one that is empty is forgotten") {
  RelayQueue queue(1000);
  const std::vector<std::uint8_t> datagram(1000);
  int taken = 0;
  while (queue.add({1}, datagram)) {
    REQUIRE(++taken < 1000);
  }
  CHECK(taken == 262);
  CHECK(queue.add({2}, datagram));
  CHECK(queue.waiting() == 263'000);
  queue.drain(seconds(1000), [](const RelayTarget&, Bytes) {});
  queue.drain(seconds(2000), [](const RelayTarget&, Bytes) {});
  queue.drain(seconds(3000), [](const RelayTarget&, Bytes) {});
  queue.drain(seconds(4000), [](const RelayTarget&, Bytes) {});
  queue.drain(seconds(5000), [](const RelayTarget&, Bytes) {});
  CHECK(queue.waiting() == 0);
}

TEST_CASE("a limit that is changed counts from then on, and without one nothing stays behind") {
  RelayQueue queue(1000);
  const std::vector<std::uint8_t> datagram(1000);
  std::size_t left = 0;
  const auto count = [&left](const RelayTarget&, Bytes one) { left += one.size(); };
  queue.drain(seconds(1), count);
  for (int at = 0; at < 200; ++at) {
    queue.add({1}, datagram);
  }
  queue.drain(seconds(2), count);
  CHECK(left < 70'000);
  queue.set_rate(1e5);
  queue.drain(seconds(3), count);
  CHECK(left < 140'000);
  CHECK(queue.waiting() > 0);
  queue.set_rate(0);
  CHECK_FALSE(queue.is_limited());
  queue.drain(seconds(4), count);
  CHECK(left == 200'000);
  CHECK(queue.waiting() == 0);
}

}  // namespace marvel::vpn
