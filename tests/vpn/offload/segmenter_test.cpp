#include "vpn/offload/segmenter.hpp"

#include "vpn/offload/packets.hpp"

namespace marvel::vpn {

TEST_CASE("a big TCP frame is cut as a network card would") {
  const auto frame = tcp_frame(10'000, 1'000, 0x19);  // ACK, PSH, FIN
  const auto packets = cut_all(frame, {FrameInfo::Kind::kTcp, 1300, kTcpPartial});
  REQUIRE(packets.size() == 8);
  std::size_t at = 0;
  for (std::size_t number = 0; number < packets.size(); ++number) {
    const auto& packet = packets[number];
    const std::size_t payload = packet.size() - kTcpAt - 32;
    const std::uint8_t* const tcp = packet.data() + kTcpAt;
    CHECK(payload == (number < 7 ? 1300 : 10'000 - 7 * 1300));
    CHECK(load_be16(packet.data() + kEthernet + 2) == packet.size() - kEthernet);
    CHECK(load_be16(packet.data() + kEthernet + 4) == 100 + number);
    CHECK(ip_checksum_is_right(packet));
    CHECK(load_be32(tcp + 4) == 1'000 + at);
    CHECK(tcp[13] == (number < 7 ? 0x10 : 0x19));
    CHECK(load_be16(tcp + 16) == pseudo_sum(packet, kTcpAt));
    CHECK(std::equal(packet.begin() + kTcpAt + 32, packet.end(),
                     frame.begin() + static_cast<std::ptrdiff_t>(kTcpAt + 32 + at)));
    at += payload;
  }
  CHECK(at == 10'000);
}

TEST_CASE("the mark of a reduced window goes with the first packet only") {
  const auto packets =
      cut_all(tcp_frame(3000, 0, 0x90), {FrameInfo::Kind::kTcp, 1000, kTcpPartial});
  REQUIRE(packets.size() == 3);
  CHECK(packets[0][kTcpAt + 13] == 0x90);
  CHECK(packets[1][kTcpAt + 13] == 0x10);
}

TEST_CASE("a big UDP frame becomes datagrams with lengths of their own") {
  const auto packets = cut_all(udp_frame(2500), {FrameInfo::Kind::kUdp, 1000, {kTcpAt, 6}});
  REQUIRE(packets.size() == 3);
  CHECK(load_be16(packets[0].data() + kTcpAt + 4) == 1008);
  CHECK(load_be16(packets[2].data() + kTcpAt + 4) == 508);
  for (const auto& packet : packets) {
    CHECK(ip_checksum_is_right(packet));
    CHECK(load_be16(packet.data() + kTcpAt + 6) == pseudo_sum(packet, kTcpAt));
  }
}

namespace {

std::uint16_t ipv6_length(Bytes packet) {
  return load_be16(packet.data() + kEthernet + 4);
}

}  // namespace

TEST_CASE("a big frame over IPv6 is cut, too, and its pieces make it again") {
  for (std::uint64_t seed = 0; seed < seeds(100); ++seed) {
    CAPTURE(seed);
    CounterRng rng(seed);
    const bool tcp = rng.below(2) == 0;
    const std::size_t payload = 1 + rng.below(60'000);
    const auto segment = static_cast<std::uint16_t>(1 + rng.below(1400) + payload / 100);
    const std::size_t headers = kTcp6At + (tcp ? 32 : 8);
    const auto frame = over_ipv6(tcp ? tcp_frame(payload, 0xffff'f000, 0x99) : udp_frame(payload));
    const PartialChecksum partial{kTcp6At, static_cast<std::uint8_t>(tcp ? 16 : 6)};
    const auto kind = tcp ? FrameInfo::Kind::kTcp : FrameInfo::Kind::kUdp;
    std::vector<std::uint8_t> whole;
    for (const auto& packet : cut_all(frame, {kind, segment, partial})) {
      REQUIRE(packet.size() <= headers + segment);
      CHECK(ipv6_length(packet) == packet.size() - kTcp6At);
      CHECK(std::equal(packet.begin(), packet.begin() + kEthernet + 4, frame.begin()));
      CHECK(sum_is_right(packet, partial));
      if (tcp) {
        CHECK(load_be32(packet.data() + kTcp6At + 4) ==
              static_cast<std::uint32_t>(0xffff'f000 + whole.size()));
      } else {
        CHECK(load_be16(packet.data() + kTcp6At + 4) == ipv6_length(packet));
      }
      whole.insert(whole.end(), packet.begin() + static_cast<std::ptrdiff_t>(headers),
                   packet.end());
    }
    REQUIRE(whole.size() == payload);
    CHECK(std::equal(whole.begin(), whole.end(),
                     frame.begin() + static_cast<std::ptrdiff_t>(headers)));
  }
}

TEST_CASE("extension headers go with every piece, and a way by others is not cut") {
  auto frame = over_ipv6(udp_frame(3000));
  frame.insert(frame.begin() + kTcp6At, 8, 0);
  frame[kTcp6At] = 17;
  frame[kEthernet + 6] = 60;  // destination options
  const auto packets = cut_all(frame, {FrameInfo::Kind::kUdp, 1000, {}});
  REQUIRE(packets.size() == 3);
  for (const auto& packet : packets) {
    CHECK(packet.size() == kTcp6At + 16 + 1000);
    CHECK(ipv6_length(packet) == packet.size() - kTcp6At);
    CHECK(load_be16(packet.data() + kTcp6At + 8 + 4) == 1008);
  }
  frame[kEthernet + 6] = 43;
  CHECK(cut_all(frame, {FrameInfo::Kind::kUdp, 1000, {}}).size() == 1);
}

TEST_CASE("checksums are right whatever the header holds") {
  for (std::uint64_t seed = 0; seed < seeds(200); ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    const std::size_t options = std::size_t{4} * random.rng().below(11);
    const std::size_t transport = kTcpAt + options;
    auto frame = tcp_frame(3000, 0);
    frame.insert(frame.begin() + kTcpAt, options, 0);
    random.fill(MutableBytes(frame).subspan(kTcpAt, options));
    random.fill(MutableBytes(frame).subspan(kEthernet + 12, 8));  // addresses
    frame[kEthernet] = static_cast<std::uint8_t>(0x45 + options / 4);
    frame[kEthernet + 1] = static_cast<std::uint8_t>(random.rng().next());
    store_be16(frame.data() + kEthernet + 4, 0xfffe);  // the id wraps
    for (const auto& packet : cut_all(frame, {FrameInfo::Kind::kTcp, 700, {}})) {
      CHECK(checksum_fold(checksum_add(0, Bytes(packet).subspan(kEthernet, 20 + options))) ==
            0xffff);
      CHECK(load_be16(packet.data() + transport + 16) == pseudo_sum(packet, transport));
    }
  }
}

TEST_CASE("a frame that is not what the kernel says is passed on whole") {
  const auto frame = tcp_frame(3000, 0);
  CHECK(cut_all(frame, {}).front() == frame);
  CHECK(cut_all(frame, {FrameInfo::Kind::kTcp, 0, {}}).front() == frame);
  CHECK(cut_all(frame, {FrameInfo::Kind::kUdp, 1000, {}}).front() == frame);
  for (std::size_t size = kEthernet; size < kTcpAt + 32; ++size) {
    const Bytes part = Bytes(frame).first(size);
    const auto packets = cut_all(part, {FrameInfo::Kind::kTcp, 1000, {}});
    REQUIRE(packets.size() == 1);
    CHECK(packets.front() == std::vector<std::uint8_t>(part.begin(), part.end()));
  }
  const auto ipv6 = over_ipv6(frame);
  for (std::size_t size = kEthernet; size < kTcp6At + 32; ++size) {
    CHECK(cut_all(Bytes(ipv6).first(size), {FrameInfo::Kind::kTcp, 1000, {}}).size() == 1);
  }
}

}  // namespace marvel::vpn
