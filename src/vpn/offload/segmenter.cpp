#include "vpn/offload/segmenter.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/tcp_packet.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kUdpHeader = 8;
constexpr std::uint8_t kUdpChecksum = 6;  // offset in its header
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kMostTransport = 255;  // what a partial checksum can say
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kPush = 0x08;
constexpr std::uint8_t kWindowReduced = 0x80;

struct Transport {
  std::uint8_t protocol = 0;
  std::size_t at = 0;  // 0: not to be cut
};

Transport transport_of(Bytes frame) {
  if (has_ipv4_header(frame)) {
    return {frame[kEthernet + 9], kEthernet + std::size_t{4} * (frame[kEthernet] & 15U)};
  }
  const auto upper = has_ipv6_header(frame) ? upper_layer(frame) : std::nullopt;
  return upper && upper->plain ? Transport{upper->protocol, upper->at} : Transport{};
}

// Where TCP or UDP begins, and where its payload does; {0, 0} for a frame that is neither.
struct Headers {
  std::size_t transport = 0;
  std::size_t payload = 0;
};

Headers headers_of(Bytes frame, FrameInfo::Kind kind) {
  const auto [protocol, transport] = transport_of(frame);
  if (transport == 0 || transport > kMostTransport) {
    return {};
  }
  if (kind == FrameInfo::Kind::kUdp && protocol == kUdp) {
    return {transport, transport + kUdpHeader};
  }
  if (kind != FrameInfo::Kind::kTcp || protocol != kTcp ||
      frame.size() < transport + kShortestTcp) {
    return {};
  }
  const std::size_t tcp = std::size_t{4} * (frame[transport + 12] >> 4U);
  return tcp < kShortestTcp ? Headers{} : Headers{transport, transport + tcp};
}

bool is_ipv6(Bytes frame) {
  return ether_type(frame) == kTypeIpv6;
}

// Source and destination.
Bytes addresses_of(Bytes frame) {
  return is_ipv6(frame) ? frame.subspan(kEthernet + 8, 32) : frame.subspan(kEthernet + 12, 8);
}

}  // namespace

std::uint16_t pseudo_sum(Bytes frame, std::size_t transport) {
  const std::uint8_t protocol = frame[kEthernet + (is_ipv6(frame) ? 6 : 9)];
  return checksum_fold(checksum_add(protocol + (frame.size() - transport), addresses_of(frame)));
}

Segmenter::Segmenter(Bytes frame, const FrameInfo& info) : frame_(frame), info_(info) {
  const Headers headers =
      info.kind == FrameInfo::Kind::kWhole ? Headers{} : headers_of(frame, info.kind);
  if (headers.payload == 0 || info.segment == 0 || headers.payload >= frame.size()) {
    info_.kind = FrameInfo::Kind::kWhole;
    return;
  }
  transport_ = headers.transport;
  headers_ = headers.payload;
  at_ = headers_;
  info_.checksum = {static_cast<std::uint8_t>(transport_),
                    info.kind == FrameInfo::Kind::kTcp ? kTcpChecksum : kUdpChecksum};
  pseudo_sum_ = checksum_add(info.kind == FrameInfo::Kind::kTcp ? kTcp : kUdp, addresses_of(frame));
  ipv6_ = is_ipv6(frame);
  if (!ipv6_) {
    const Bytes ip = frame.subspan(kEthernet, transport_ - kEthernet);
    ip_sum_ =
        checksum_add(checksum_add(checksum_add(0, ip.first(2)), ip.subspan(6, 4)), ip.subspan(12));
  }
}

std::size_t Segmenter::next_size() const {
  return headers_ + (info_.kind == FrameInfo::Kind::kWhole
                         ? frame_.size()
                         : std::min<std::size_t>(info_.segment, frame_.size() - at_));
}

void Segmenter::write(MutableBytes out) {
  if (info_.kind == FrameInfo::Kind::kWhole) {
    std::copy(frame_.begin(), frame_.end(), out.begin());
    at_ = frame_.size();
    return;
  }
  const std::size_t payload = out.size() - headers_;
  std::memcpy(out.data(), frame_.data(), headers_);
  std::memcpy(out.data() + headers_, frame_.data() + at_, payload);
  fix_ip(out);
  if (info_.kind == FrameInfo::Kind::kTcp) {
    fix_tcp(out, at_ + payload == frame_.size());
  } else {
    fix_udp(out);
  }
  at_ += payload;
  ++count_;
}

void Segmenter::fix_ip(MutableBytes out) const {
  std::uint8_t* const ip = out.data() + kEthernet;
  if (ipv6_) {
    return store_be16(ip + 4, static_cast<std::uint16_t>(out.size() - kEthernet - kIpv6Header));
  }
  const auto size = static_cast<std::uint16_t>(out.size() - kEthernet);
  const auto id = static_cast<std::uint16_t>(load_be16(ip + 4) + count_);
  store_be16(ip + 2, size);
  store_be16(ip + 4, id);
  store_be16(ip + 10, static_cast<std::uint16_t>(~checksum_fold(ip_sum_ + size + id)));
}

void Segmenter::fix_tcp(MutableBytes out, bool is_last) const {
  std::uint8_t* const tcp = out.data() + transport_;
  store_be32(tcp + 4, static_cast<std::uint32_t>(load_be32(tcp + 4) + (at_ - headers_)));
  if (!is_last) {
    tcp[13] &= static_cast<std::uint8_t>(~(kFin | kPush));
  }
  if (count_ > 0) {
    tcp[13] &= static_cast<std::uint8_t>(~kWindowReduced);
  }
  store_be16(tcp + kTcpChecksum, checksum_fold(pseudo_sum_ + (out.size() - transport_)));
}

void Segmenter::fix_udp(MutableBytes out) const {
  std::uint8_t* const udp = out.data() + transport_;
  store_be16(udp + 4, static_cast<std::uint16_t>(out.size() - transport_));
  store_be16(udp + kUdpChecksum, checksum_fold(pseudo_sum_ + (out.size() - transport_)));
}

}  // namespace marvel::vpn
