#include "vpn/offload/segmenter.hpp"

#include "vpn/offload/frame.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kShortestTcp = 20;
constexpr std::uint8_t kTcpChecksum = 16;  // offsets in the headers
constexpr std::uint8_t kUdpChecksum = 6;
constexpr std::size_t kIpProtocol = 9;
constexpr std::size_t kIpAddresses = 12;
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kPush = 0x08;
constexpr std::uint8_t kWindowReduced = 0x80;

// Where TCP or UDP begins, and where its payload does; {0, 0} for a frame that is neither.
struct Headers {
  std::size_t transport = 0;
  std::size_t payload = 0;
};

Headers headers_of(Bytes frame, FrameInfo::Kind kind) {
  if (!has_ipv4_header(frame)) {
    return {};
  }
  const std::size_t transport = kEthernet + std::size_t{4} * (frame[kEthernet] & 15U);
  const std::uint8_t protocol = frame[kEthernet + 9];
  if (kind == FrameInfo::Kind::kUdp && protocol == 17) {
    return {transport, transport + kUdpHeader};
  }
  if (kind != FrameInfo::Kind::kTcp || protocol != 6 || frame.size() < transport + kShortestTcp) {
    return {};
  }
  const std::size_t tcp = std::size_t{4} * (frame[transport + 12] >> 4U);
  return tcp < kShortestTcp ? Headers{} : Headers{transport, transport + tcp};
}

}  // namespace

std::uint16_t pseudo_sum(Bytes frame, std::size_t transport) {
  const Bytes addresses = frame.subspan(kEthernet + 12, 8);
  return checksum_fold(checksum_add(frame[kEthernet + 9] + (frame.size() - transport), addresses));
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
  const Bytes ip = frame.subspan(kEthernet, transport_ - kEthernet);
  ip_sum_ = checksum_add(checksum_add(checksum_add(0, ip.first(2)), ip.subspan(6, 4)),
                         ip.subspan(kIpAddresses));
  pseudo_sum_ = checksum_add(ip[kIpProtocol], ip.subspan(kIpAddresses, 8));
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
