#include "vpn/offload/too_big.hpp"

#include "vpn/offload/ip_protocols.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::uint8_t kTimeToLive = 64;
constexpr std::uint8_t kUnreachable = 3;          // type of ICMP, with the
constexpr std::uint8_t kFragmentationNeeded = 4;  // code
constexpr std::uint8_t kPacketTooBig = 2;         // type of ICMPv6

void put(MutableBytes out, std::size_t at, Bytes bytes) {
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_sum(MutableBytes out, std::size_t at, std::uint64_t sum) {
  store_be16(out.data() + at, static_cast<std::uint16_t>(~checksum_fold(sum)));
}

// `out` is the whole frame, with the quotation at its end.
void write_ipv4(MutableBytes out, const TooBigFrom& from, Ipv4 to, std::size_t mtu) {
  constexpr std::size_t kIcmp = kEthernet + kIpv4Header;
  store_be16(out.data() + 12, kTypeIpv4);
  std::uint8_t* const ip = out.data() + kEthernet;
  ip[0] = 0x45;
  store_be16(ip + 2, static_cast<std::uint16_t>(out.size() - kEthernet));
  ip[8] = kTimeToLive;
  ip[9] = kIpIcmp;
  store_be32(ip + 12, from.ipv4);
  store_be32(ip + 16, to);
  put_sum(out, kEthernet + 10, checksum_add(0, Bytes(out).subspan(kEthernet, kIpv4Header)));
  out[kIcmp] = kUnreachable;
  out[kIcmp + 1] = kFragmentationNeeded;
  store_be16(out.data() + kIcmp + 6, static_cast<std::uint16_t>(mtu));
  put_sum(out, kIcmp + 2, checksum_add(0, Bytes(out).subspan(kIcmp)));
}

void write_ipv6(MutableBytes out, const TooBigFrom& from, const Ipv6& to, std::size_t mtu) {
  constexpr std::size_t kIcmp = kEthernet + kIpv6Header;
  const std::size_t payload = out.size() - kIcmp;
  store_be16(out.data() + 12, kTypeIpv6);
  out[kEthernet] = 0x60;
  store_be16(out.data() + kEthernet + 4, static_cast<std::uint16_t>(payload));
  out[kEthernet + 6] = kIpIcmpV6;
  out[kEthernet + 7] = kTimeToLive;
  put(out, kEthernet + 8, from.ipv6);
  put(out, kEthernet + 24, to);
  out[kIcmp] = kPacketTooBig;
  store_be32(out.data() + kIcmp + 4, static_cast<std::uint32_t>(mtu));
  // The pseudo header (RFC 8200, 8.1): length, next header, both addresses.
  const std::uint64_t pseudo =
      checksum_add(payload + kIpIcmpV6, Bytes(out).subspan(kEthernet + 8, 32));
  put_sum(out, kIcmp + 2, checksum_add(pseudo, Bytes(out).subspan(kIcmp)));
}

}  // namespace

Bytes write_too_big(Bytes frame, const TooBigFrom& from, std::size_t mtu, MutableBytes room) {
  const bool ipv6 = has_ipv6_header(frame);
  if (!ipv6 && (!has_ipv4_header(frame) || from.ipv4 == 0)) {
    return {};
  }
  const Bytes packet = frame.subspan(kEthernet);
  const Bytes quoted = packet.first(std::min(packet.size(), kQuotedByTooBig));
  const std::size_t begin = kEthernet + (ipv6 ? kIpv6Header : kIpv4Header) + kIcmpHeader;
  const MutableBytes out = room.first(begin + quoted.size());
  put(out, 0, source_of(frame));
  put(out, 6, from.mac);
  put(out, begin, quoted);
  if (ipv6) {
    write_ipv6(out, from, ipv6_source(frame), mtu);
  } else {
    write_ipv4(out, from, ipv4_source(frame), mtu);
  }
  return out;
}

}  // namespace marvel::vpn
