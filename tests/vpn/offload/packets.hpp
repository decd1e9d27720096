#pragma once

#include "vpn/offload/frame.hpp"
#include "vpn/offload/full_checksum.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/segmenter.hpp"
#include "vpn/support.hpp"

#include <numeric>

namespace marvel::vpn {

inline constexpr std::size_t kTcpAt = kEthernet + 20;

// A TCP frame (IPv4, 32 bytes of TCP header with time stamps) as the kernel hands it to a network
// card: its checksum is the pseudo header's sum.
inline std::vector<std::uint8_t> tcp_frame(std::size_t payload, std::uint32_t sequence,
                                           std::uint8_t flags = 0x10, std::uint16_t port = 5000) {
  std::vector<std::uint8_t> frame(kTcpAt + 32 + payload);
  const Mac to{2, 0, 0, 0, 0, 1};
  std::copy(to.begin(), to.end(), frame.begin());
  frame[6] = 2;
  frame[11] = 2;
  store_be16(frame.data() + 12, kTypeIpv4);
  std::uint8_t* const ip = frame.data() + kEthernet;
  ip[0] = 0x45;
  store_be16(ip + 2, static_cast<std::uint16_t>(frame.size() - kEthernet));
  store_be16(ip + 4, 100);
  store_be16(ip + 6, 0x4000);
  ip[8] = 64;
  ip[9] = 6;
  store_be32(ip + 12, 0x0a080001);
  store_be32(ip + 16, 0x0a080002);
  store_be16(ip + 10, static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, {ip, 20}))));
  std::uint8_t* const tcp = frame.data() + kTcpAt;
  store_be16(tcp, port);
  store_be16(tcp + 2, 80);
  store_be32(tcp + 4, sequence);
  store_be32(tcp + 8, 777);
  tcp[12] = 0x80;
  tcp[13] = flags;
  store_be16(tcp + 14, 500);
  std::iota(tcp + 20, tcp + 32, std::uint8_t{1});
  for (std::size_t at = 0; at < payload; ++at) {
    tcp[32 + at] = static_cast<std::uint8_t>((sequence + at) * 7 >> 3U);
  }
  store_be16(tcp + 16, pseudo_sum(frame, kTcpAt));
  return frame;
}

// A UDP frame (IPv4).
inline std::vector<std::uint8_t> udp_frame(std::size_t payload) {
  auto frame = tcp_frame(payload, 0);
  frame.erase(frame.begin() + kTcpAt + 8, frame.begin() + kTcpAt + 32);
  std::uint8_t* const ip = frame.data() + kEthernet;
  ip[9] = 17;
  store_be16(ip + 2, static_cast<std::uint16_t>(frame.size() - kEthernet));
  store_be16(ip + 10, 0);
  store_be16(ip + 10, static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, {ip, 20}))));
  store_be16(frame.data() + kTcpAt + 4, static_cast<std::uint16_t>(payload + 8));
  store_be16(frame.data() + kTcpAt + 6, pseudo_sum(frame, kTcpAt));
  return frame;
}

inline constexpr std::size_t kTcp6At = kEthernet + kIpv6Header;

// The same TCP or UDP frame over IPv6.
inline std::vector<std::uint8_t> over_ipv6(std::vector<std::uint8_t> frame) {
  const std::uint8_t protocol = frame[kEthernet + 9];
  frame.insert(frame.begin() + kEthernet, kIpv6Header - 20, 0);
  store_be16(frame.data() + 12, kTypeIpv6);
  std::uint8_t* const ip = frame.data() + kEthernet;
  std::fill_n(ip, kIpv6Header, std::uint8_t{0});
  store_be32(ip, 0x6001'2345);  // class and flow label
  store_be16(ip + 4, static_cast<std::uint16_t>(frame.size() - kTcp6At));
  ip[6] = protocol;
  ip[7] = 64;
  std::iota(ip + 8, ip + 40, std::uint8_t{0xc0});
  store_be16(frame.data() + kTcp6At + (protocol == 6 ? 16 : 6), pseudo_sum(frame, kTcp6At));
  return frame;
}

// Whether a packet's checksum is right once it is completed, by a slow sum of our own.
inline bool sum_is_right(std::vector<std::uint8_t> frame, const PartialChecksum& partial) {
  complete_checksum(frame, partial);
  const bool ipv6 = ether_type(frame) == kTypeIpv6;
  const std::size_t addresses = kEthernet + (ipv6 ? 8 : 12);
  std::size_t sum = frame.size() - partial.start + frame[kEthernet + (ipv6 ? 6 : 9)];
  for (std::size_t at = addresses; at < addresses + (ipv6 ? 32 : 8); at += 2) {
    sum += load_be16(frame.data() + at);
  }
  for (std::size_t at = partial.start; at < frame.size(); ++at) {
    sum += (at - partial.start) % 2 == 0 ? std::size_t{frame[at]} << 8U : frame[at];
  }
  while (sum >> 16U != 0) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return sum == 0xffff;
}

inline const PartialChecksum kTcpPartial{kTcpAt, 16};
inline const PartialChecksum kTcp6Partial{kTcp6At, 16};

inline bool ip_checksum_is_right(Bytes frame) {
  return checksum_fold(checksum_add(0, frame.subspan(kEthernet, 20))) == 0xffff;
}

inline std::vector<std::vector<std::uint8_t>> cut_all(Bytes frame, const FrameInfo& info) {
  std::vector<std::vector<std::uint8_t>> packets;
  Segmenter cut(frame, info);
  while (!cut.done()) {
    packets.emplace_back(cut.next_size());
    cut.write(packets.back());
  }
  return packets;
}

}  // namespace marvel::vpn
