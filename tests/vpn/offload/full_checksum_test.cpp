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

TEST_CASE("frames of any size are looked at without reading beyond them") {
  auto frame = tcp_frame(40, 77);
  complete_checksum(frame, kTcpPartial);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    std::vector<std::uint8_t> cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(verify_checksum(cut).start == 0);
  }
}

}  // namespace
}  // namespace marvel::vpn
