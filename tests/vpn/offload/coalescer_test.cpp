#include "vpn/offload/coalescer.hpp"

#include "vpn/offload/packets.hpp"

#include <map>

namespace marvel::vpn {
namespace {

struct Joined {
  std::vector<std::uint8_t> frame;
  std::size_t segment = 0;
  std::size_t headers = 0;
};

struct Catcher {
  std::vector<Joined> frames;
  Coalescer coalescer{
      [this](Bytes frame, const PartialChecksum&, std::size_t segment, std::size_t headers) {
        frames.push_back({{frame.begin(), frame.end()}, segment, headers});
      }};
};

// The IP id is the only thing that may differ.
std::vector<std::uint8_t> without_id(std::vector<std::uint8_t> packet) {
  store_be16(packet.data() + kEthernet + 4, 0);
  store_be16(packet.data() + kEthernet + 10, 0);
  return packet;
}

}  // namespace

TEST_CASE("what is joined is cut into the same packets again") {
  const auto big = tcp_frame(30'000, 5'000, 0x18);
  const auto packets = cut_all(big, {FrameInfo::Kind::kTcp, 1300, kTcpPartial});
  Catcher catcher;
  for (const auto& packet : packets) {
    catcher.coalescer.add(packet, kTcpPartial);
  }
  catcher.coalescer.flush();
  REQUIRE(catcher.frames.size() == 1);
  CHECK(catcher.frames[0].segment == 1300);
  CHECK(catcher.frames[0].headers == kTcpAt + 32);
  CHECK(ip_checksum_is_right(catcher.frames[0].frame));
  CHECK(without_id(catcher.frames[0].frame) == without_id(big));
}

TEST_CASE("a stream over IPv6 is joined to the very frame that was cut") {
  const auto big = over_ipv6(tcp_frame(48 * 1300 + 7, 5'000, 0x18));
  Catcher catcher;
  for (const auto& packet : cut_all(big, {FrameInfo::Kind::kTcp, 1300, kTcp6Partial})) {
    catcher.coalescer.add(packet, kTcp6Partial);
  }
  catcher.coalescer.flush();
  REQUIRE(catcher.frames.size() == 1);
  CHECK(catcher.frames[0].segment == 1300);
  CHECK(catcher.frames[0].headers == kTcp6At + 32);
  CHECK(catcher.frames[0].frame == big);
}

TEST_CASE("packets over IPv6 that differ in more than their place are not joined") {
  const auto first = over_ipv6(tcp_frame(1000, 0));
  // Class, flow label, hop limit, each address, port, a length that lies.
  for (const std::size_t at : {14U, 17U, 21U, 22U, 53U, 54U, 19U}) {
    CAPTURE(at);
    auto second = over_ipv6(tcp_frame(1000, 1000));
    second[at] ^= 1;
    Catcher catcher;
    catcher.coalescer.add(first, kTcp6Partial);
    catcher.coalescer.add(second, kTcp6Partial);
    catcher.coalescer.flush();
    CHECK(catcher.frames.size() == 2);
  }
  Catcher catcher;
  catcher.coalescer.add(first, kTcp6Partial);
  catcher.coalescer.add(tcp_frame(1000, 1000), kTcpPartial);
  catcher.coalescer.flush();
  CHECK(catcher.frames.size() == 2);
}

TEST_CASE("the largest frame that a kernel makes is joined to one again") {
  // 49 packets of 1328 bytes, as TCP sends through a device with an MTU of 1380.
  const auto big = tcp_frame(49 * 1328, 0, 0x18);
  Catcher catcher;
  for (const auto& packet : cut_all(big, {FrameInfo::Kind::kTcp, 1328, kTcpPartial})) {
    catcher.coalescer.add(packet, kTcpPartial);
  }
  REQUIRE(catcher.frames.size() == 1);
  CHECK(without_id(catcher.frames[0].frame) == without_id(big));
}

TEST_CASE("no joined frame is longer than IPv4 can say") {
  Catcher catcher;
  for (std::uint32_t at = 0; at < 100; ++at) {
    catcher.coalescer.add(tcp_frame(1400, at * 1400), kTcpPartial);
  }
  catcher.coalescer.flush();
  std::size_t payload = 0;
  for (const auto& one : catcher.frames) {
    CHECK(one.frame.size() - kEthernet == load_be16(one.frame.data() + kEthernet + 2));
    payload += one.frame.size() - kTcpAt - 32;
  }
  CHECK(payload == 140'000);
}

TEST_CASE("a packet that does not continue the stream is not joined") {
  const auto first = tcp_frame(1000, 0);
  auto other_ack = tcp_frame(1000, 1000);
  other_ack[kTcpAt + 11] ^= 1;
  auto other_window = tcp_frame(1000, 1000);
  other_window[kTcpAt + 14] ^= 1;
  auto other_option = tcp_frame(1000, 1000);
  other_option[kTcpAt + 25] ^= 1;
  auto other_service = tcp_frame(1000, 1000);
  other_service[kEthernet + 1] = 4;
  auto other_ttl = tcp_frame(1000, 1000);
  other_ttl[kEthernet + 8] = 63;
  for (const auto& second : {tcp_frame(1000, 1001), tcp_frame(1001, 1000),
                             tcp_frame(1000, 1000, 0x11), tcp_frame(1000, 1000, 0x10, 5001),
                             other_ack, other_window, other_option, other_service, other_ttl}) {
    Catcher catcher;
    catcher.coalescer.add(first, kTcpPartial);
    catcher.coalescer.add(second, kTcpPartial);
    catcher.coalescer.flush();
    REQUIRE(catcher.frames.size() == 2);
    CHECK(catcher.frames[0].frame == first);
    CHECK(catcher.frames[1].frame == second);
  }
}

TEST_CASE("a packet with a complete checksum and a frame of another kind go through as they are") {
  Catcher catcher;
  catcher.coalescer.add(tcp_frame(1000, 0), {});
  catcher.coalescer.add(tcp_frame(1000, 1000), {});
  catcher.coalescer.add(udp_frame(100), {kTcpAt, 6});
  CHECK(catcher.frames.size() == 3);
}

TEST_CASE("streams that are mixed are joined each for itself, in order") {
  Catcher catcher;
  for (std::uint32_t at = 0; at < 10; ++at) {
    for (std::uint16_t port = 1; port <= 12; ++port) {
      catcher.coalescer.add(tcp_frame(500, at * 500, 0x10, port), kTcpPartial);
    }
  }
  catcher.coalescer.flush();
  std::map<std::uint16_t, std::size_t> received;
  for (const auto& one : catcher.frames) {
    const auto port = load_be16(one.frame.data() + kTcpAt);
    CHECK(load_be32(one.frame.data() + kTcpAt + 4) == received[port]);
    received[port] += one.frame.size() - kTcpAt - 32;
  }
  for (const auto& [port, bytes] : received) {
    CHECK(bytes == 5000);
  }
}

TEST_CASE("any mix of packets comes out as the same streams") {
  for (std::uint64_t seed = 0; seed < seeds(100); ++seed) {
    CAPTURE(seed);
    CounterRng rng(seed);
    Catcher catcher;
    std::uint32_t sequence = 0;
    std::vector<std::uint8_t> sent;
    const bool ipv6 = rng.below(2) == 0;
    const PartialChecksum partial = ipv6 ? kTcp6Partial : kTcpPartial;
    for (int step = 0; step < 200; ++step) {
      const std::size_t size = rng.below(3) == 0 ? 1 + rng.below(1400) : 1400;
      const std::uint8_t flags = rng.below(10) == 0 ? 0x18 : 0x10;
      const auto packet =
          ipv6 ? over_ipv6(tcp_frame(size, sequence, flags)) : tcp_frame(size, sequence, flags);
      sent.insert(sent.end(), packet.begin() + partial.start + 32, packet.end());
      sequence += static_cast<std::uint32_t>(size);
      catcher.coalescer.add(packet, rng.below(8) == 0 ? PartialChecksum{} : partial);
      if (rng.below(20) == 0) {
        catcher.coalescer.flush();
      }
    }
    catcher.coalescer.flush();
    std::vector<std::uint8_t> received;
    for (const auto& one : catcher.frames) {
      CHECK(one.frame.size() <= kEthernet + 65'535);
      received.insert(received.end(), one.frame.begin() + partial.start + 32, one.frame.end());
    }
    CHECK(received == sent);
  }
}

}  // namespace marvel::vpn
