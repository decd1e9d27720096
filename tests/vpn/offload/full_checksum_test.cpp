#include "vpn/offload/full_checksum.hpp"

#include "vpn/offload/packets.hpp"

namespace marvel::vpn {
namespace {

bool transport_is_right(Bytes frame) {
  return checksum_fold(checksum_add(pseudo_sum(frame, kTcpAt), frame.subspan(kTcpAt))) == 0xffff;
}

TEST_CASE("a partial checksum is completed, and made partial again") {
  for (const std::size_t payload : {1U, 2U, 3U, 100U, 1301U}) {
    const auto partial = tcp_frame(payload, 77);
    auto frame = partial;
    complete_checksum(frame, kTcpPartial);
    CHECK(transport_is_right(frame));
    const PartialChecksum verified = verify_checksum(frame);
    CHECK(verified.start == kTcpPartial.start);
    CHECK(verified.offset == kTcpPartial.offset);
    CHECK(frame == partial);
  }
}

TEST_CASE("over IPv6 a checksum is completed and made partial again as well") {
  const auto partial = over_ipv6(tcp_frame(1301, 77));
  CHECK(sum_is_right(partial, kTcp6Partial));
  auto frame = partial;
  complete_checksum(frame, kTcp6Partial);
  CHECK(verify_checksum(frame).start == kTcp6Partial.start);
  CHECK(frame == partial);
  frame[100] ^= 1;
  CHECK(verify_checksum(frame).start == 0);
}

TEST_CASE("UDP is completed, too, and stays complete") {
  auto frame = udp_frame(333);
  complete_checksum(frame, {kTcpAt, 6});
  CHECK(transport_is_right(frame));
  CHECK(verify_checksum(frame).start == 0);
}

TEST_CASE("a frame that was damaged is left to the kernel") {
  auto frame = tcp_frame(200, 77);
  complete_checksum(frame, kTcpPartial);
  frame[150] ^= 4;
  const auto before = frame;
  CHECK(verify_checksum(frame).start == 0);
  CHECK(frame == before);
}

TEST_CASE("a checksum has its place in the transport's header or in a packet that is carried") {
  const auto tcp = tcp_frame(100, 77);
  const auto udp = udp_frame(100);
  const auto tcp6 = over_ipv6(tcp);
  CHECK(is_checksum_place(tcp, kTcpPartial));
  CHECK(is_checksum_place(udp, {kTcpAt, 6}));
  CHECK(is_checksum_place(udp, {kTcpAt + 8 + 8 + kTcpAt, 16}));  // VXLAN
  CHECK(is_checksum_place(tcp6, kTcp6Partial));
  auto gre = udp;
  gre[kEthernet + 9] = 47;
  CHECK(is_checksum_place(gre, {kTcpAt, 4}));
  CHECK(is_checksum_place(gre, {kTcpAt + 4 + 20, 16}));
  for (const PartialChecksum wrong : {PartialChecksum{kTcpAt, 0},
                                      {kTcpAt, 2},
                                      {kTcpAt, 6},
                                      {kTcpAt + 8, 5},
                                      {kEthernet, 12},
                                      {0, kTcpAt}}) {
    CAPTURE(static_cast<int>(wrong.offset));
    CHECK_FALSE(is_checksum_place(tcp, wrong));
  }
  for (const PartialChecksum wrong :
       {PartialChecksum{kTcpAt, 0}, {kTcpAt, 16}, {kTcpAt + 4, 2}, {kEthernet, 20}, {250, 6}}) {
    CAPTURE(static_cast<int>(wrong.offset));
    CHECK_FALSE(is_checksum_place(udp, wrong));
  }
  CHECK_FALSE(is_checksum_place(tcp6, {kTcpAt, 16}));
}

TEST_CASE("over IPv6 a checksum's place is behind the extension headers") {
  auto frame = over_ipv6(tcp_frame(100, 77));
  const std::uint8_t at = kTcp6Partial.start;
  const std::uint8_t next = frame[kEthernet + 6];
  frame[kEthernet + 6] = 60;
  frame.insert(frame.begin() + at, 8, 0);
  frame[at] = next;
  CHECK_FALSE(is_checksum_place(frame, kTcp6Partial));
  CHECK(is_checksum_place(frame, {static_cast<std::uint8_t>(at + 8), 16}));
}

TEST_CASE("frames of any size are looked at without reading beyond them") {
  auto frame = tcp_frame(40, 77);
  complete_checksum(frame, kTcpPartial);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    std::vector<std::uint8_t> cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(verify_checksum(cut).start == 0);
    if (has_ipv4_header(cut)) {
      CHECK_FALSE(
          is_checksum_place(Bytes(cut).first(std::min<std::size_t>(size, 51)), kTcpPartial));
    }
  }
}

}  // namespace
}  // namespace marvel::vpn
