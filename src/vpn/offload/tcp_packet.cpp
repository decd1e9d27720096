#include "vpn/offload/tcp_packet.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/ipv6.hpp"

namespace marvel::vpn {
namespace {

constexpr std::size_t kAfterIpv4 = kEthernet + 20;
constexpr std::size_t kAfterIpv6 = kEthernet + kIpv6Header;
constexpr std::uint8_t kTcp = 6;

}  // namespace

std::size_t tcp_at(Bytes frame) {
  if (frame.size() < kAfterIpv4 + kShortestTcp) {
    return 0;
  }
  if (ether_type(frame) == kTypeIpv4) {
    return frame[kEthernet] == 0x45 && frame[kEthernet + 9] == kTcp ? kAfterIpv4 : 0;
  }
  const bool ipv6 = frame.size() >= kAfterIpv6 + kShortestTcp && has_ipv6_header(frame) &&
                    frame[kEthernet + 6] == kTcp;
  return ipv6 ? kAfterIpv6 : 0;
}

bool is_whole_tcp(Bytes frame, std::size_t tcp) {
  if (tcp == kAfterIpv6) {
    return load_be16(frame.data() + kEthernet + 4) == frame.size() - kAfterIpv6;
  }
  const bool fragment = (load_be16(frame.data() + kEthernet + 6) & 0x3fffU) != 0;
  return !fragment && load_be16(frame.data() + kEthernet + 2) == frame.size() - kEthernet;
}

void set_ip_length(MutableBytes frame, std::size_t tcp) {
  std::uint8_t* const ip = frame.data() + kEthernet;
  if (tcp == kAfterIpv6) {
    return store_be16(ip + 4, static_cast<std::uint16_t>(frame.size() - kAfterIpv6));
  }
  store_be16(ip + 2, static_cast<std::uint16_t>(frame.size() - kEthernet));
  store_be16(ip + 10, 0);
  store_be16(ip + 10, static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, {ip, 20}))));
}

}  // namespace marvel::vpn
