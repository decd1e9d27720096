#include "vpn/offload/coalescer.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/ipv6.hpp"
#include "vpn/offload/segmenter.hpp"
#include "vpn/offload/tcp_packet.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kAck = 0x10;
constexpr std::uint8_t kPush = 0x08;
constexpr std::size_t kIpv4Addresses = kEthernet + 12;
constexpr std::size_t kIpv6Addresses = kEthernet + 8;
// Bytes of a joined frame: what the length in IPv4's header can say. The other kernel's frames have
// nearly as many, and with less room here each of them would become two.
constexpr std::size_t kBiggest = kEthernet + 65535;

std::size_t headers_of(Bytes frame, std::size_t tcp) {
  return tcp + std::size_t{4} * (frame[tcp + 12] >> 4U);
}

bool is_ipv6(Bytes frame) {
  return ether_type(frame) == kTypeIpv6;
}

// A data packet of TCP that can be part of a big frame at all.
bool is_candidate(Bytes frame, std::size_t tcp, const PartialChecksum& checksum) {
  return tcp != 0 && checksum.start == tcp && checksum.offset == kTcpChecksum &&
         (frame[tcp + 13] & ~kPush) == kAck && headers_of(frame, tcp) >= tcp + kShortestTcp &&
         headers_of(frame, tcp) < frame.size() && is_whole_tcp(frame, tcp);
}

bool same(Bytes a, Bytes b, std::size_t from, std::size_t to) {
  return std::equal(a.begin() + static_cast<std::ptrdiff_t>(from),
                    a.begin() + static_cast<std::ptrdiff_t>(to),
                    b.begin() + static_cast<std::ptrdiff_t>(from));
}

// Whether all of the IP headers but lengths, IPv4's id and its checksum is the same.
bool same_ip(Bytes a, Bytes b) {
  return is_ipv6(a)
             ? same(a, b, kEthernet, kEthernet + 4) && same(a, b, kEthernet + 6, kEthernet + 8)
             : same(a, b, kEthernet, kEthernet + 2) && same(a, b, kEthernet + 6, kEthernet + 10);
}

}  // namespace

Coalescer::Coalescer(Sink sink) : sink_(std::move(sink)) {}

void Coalescer::add(Bytes frame, const PartialChecksum& checksum) {
  const std::size_t tcp = tcp_at(frame);
  Stream* const stream = tcp != 0 ? stream_of(frame, tcp) : nullptr;
  if (!is_candidate(frame, tcp, checksum)) {
    if (stream != nullptr) {
      emit(*stream);
    }
    return sink_(frame, checksum, 0, 0);
  }
  if (stream != nullptr && continues(*stream, frame)) {
    return join(*stream, frame);
  }
  if (stream != nullptr) {
    emit(*stream);
  }
  begin(free_stream(), frame, checksum);
}

void Coalescer::join(Stream& stream, Bytes frame) {
  const std::size_t payload = frame.size() - stream.headers;
  stream.frame.insert(stream.frame.end(),
                      frame.begin() + static_cast<std::ptrdiff_t>(stream.headers), frame.end());
  stream.next += static_cast<std::uint32_t>(payload);
  stream.joined = true;
  const std::uint8_t push = frame[stream.transport + 13] & kPush;
  stream.frame[stream.transport + 13] |= push;
  if (push != 0 || payload < stream.segment) {
    emit(stream);
  }
}

void Coalescer::begin(Stream& stream, Bytes frame, const PartialChecksum& checksum) {
  stream.frame.reserve(kBiggest);
  stream.frame.assign(frame.begin(), frame.end());
  stream.checksum = checksum;
  stream.transport = checksum.start;
  stream.headers = headers_of(frame, stream.transport);
  stream.segment = frame.size() - stream.headers;
  stream.next =
      load_be32(frame.data() + stream.transport + 4) + static_cast<std::uint32_t>(stream.segment);
  stream.joined = false;
  if ((frame[stream.transport + 13] & kPush) != 0) {
    emit(stream);
  }
}

// The stream has the frame's addresses and ports.
bool Coalescer::continues(const Stream& stream, Bytes frame) {
  const Bytes open = stream.frame;
  const std::size_t tcp = stream.transport;
  // Ethernet; IP; acknowledgement number and data offset; window; urgent pointer and options.
  return frame.size() > stream.headers && frame.size() - stream.headers <= stream.segment &&
         open.size() + frame.size() - stream.headers <= kBiggest &&
         headers_of(frame, tcp) == stream.headers &&
         load_be32(frame.data() + tcp + 4) == stream.next && same(open, frame, 0, kEthernet) &&
         same_ip(open, frame) && same(open, frame, tcp + 8, tcp + 13) &&
         same(open, frame, tcp + 14, tcp + 16) && same(open, frame, tcp + 18, stream.headers);
}

Coalescer::Stream* Coalescer::stream_of(Bytes frame, std::size_t tcp) {
  const std::size_t addresses = is_ipv6(frame) ? kIpv6Addresses : kIpv4Addresses;
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& one) {
    return !one.frame.empty() && one.transport == tcp &&
           same(one.frame, frame, addresses, tcp + 4);  // and ports
  });
  return found == streams_.end() ? nullptr : &*found;
}

Coalescer::Stream& Coalescer::free_stream() {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [](const Stream& one) { return one.frame.empty(); });
  if (found != streams_.end()) {
    return *found;
  }
  Stream& victim = streams_[next_victim_++ % streams_.size()];
  emit(victim);
  return victim;
}

void Coalescer::emit(Stream& stream) {
  if (stream.frame.empty()) {
    return;
  }
  if (stream.joined) {
    set_ip_length(stream.frame, stream.transport);
    store_be16(stream.frame.data() + stream.transport + kTcpChecksum,
               pseudo_sum(stream.frame, stream.transport));
    sink_(stream.frame, stream.checksum, stream.segment, stream.headers);
  } else {
    sink_(stream.frame, stream.checksum, 0, 0);
  }
  stream.frame.clear();
}

void Coalescer::flush() {
  for (Stream& stream : streams_) {
    emit(stream);
  }
}

}  // namespace marvel::vpn
