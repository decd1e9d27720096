#include "vpn/offload/tcp_packet.hpp"

#include "vpn/offload/packets.hpp"

namespace marvel::vpn {

TEST_CASE("TCP is found behind plain headers of IPv4 and IPv6, and nowhere else") {
  const auto ipv4 = tcp_frame(10, 0);
  const auto ipv6 = over_ipv6(ipv4);
  CHECK(tcp_at(ipv4) == kTcpAt);
  CHECK(tcp_at(ipv6) == kTcp6At);
  CHECK(tcp_at(udp_frame(100)) == 0);
  CHECK(tcp_at(over_ipv6(udp_frame(100))) == 0);
  for (std::size_t size = 0; size < kTcpAt + 20; ++size) {
    CHECK(tcp_at(Bytes(ipv4).first(size)) == 0);
  }
  for (std::size_t size = 0; size < kTcp6At + 20; ++size) {
    CHECK(tcp_at(Bytes(ipv6).first(size)) == 0);
  }
  auto options = ipv4;
  options[kEthernet] = 0x46;
  CHECK(tcp_at(options) == 0);
  auto other = ipv6;
  other[13] = 0xde;
  CHECK(tcp_at(other) == 0);
}

TEST_CASE("a fragment and a length that is not the frame's make no whole packet") {
  auto ipv4 = tcp_frame(10, 0);
  auto ipv6 = over_ipv6(ipv4);
  CHECK(is_whole_tcp(ipv4, kTcpAt));
  CHECK(is_whole_tcp(ipv6, kTcp6At));
  ipv4.push_back(0);
  ipv6.push_back(0);
  CHECK_FALSE(is_whole_tcp(ipv4, kTcpAt));
  CHECK_FALSE(is_whole_tcp(ipv6, kTcp6At));
  set_ip_length(ipv4, kTcpAt);
  set_ip_length(ipv6, kTcp6At);
  CHECK(is_whole_tcp(ipv4, kTcpAt));
  CHECK(is_whole_tcp(ipv6, kTcp6At));
  CHECK(ip_checksum_is_right(ipv4));
  ipv4[kEthernet + 6] |= 0x20;
  CHECK_FALSE(is_whole_tcp(ipv4, kTcpAt));
}

}  // namespace marvel::vpn
