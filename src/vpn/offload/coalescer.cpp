#include "vpn/offload/coalescer.hpp"

#include "vpn/offload/frame.hpp"
#include "vpn/offload/segmenter.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kTransport = kEthernet + 20;  // IPv4 without options
constexpr std::size_t kShortestTcp = 20;
constexpr std::uint8_t kChecksumOffset = 16;
constexpr std::uint8_t kAck = 0x10;
constexpr std::uint8_t kPush = 0x08;
// Bytes of a joined frame: what the length in IPv4's header can say. The other kernel's frames have
// nearly as many, and with less room here each of them would become two.
constexpr std::size_t kBiggest = kEthernet + 65535;

std::size_t headers_of(Bytes frame) {
  return kTransport + std::size_t{4} * (frame[kTransport + 12] >> 4U);
}

// A data packet of TCP that can be part of a big frame at all.
bool is_candidate(Bytes frame, const PartialChecksum& checksum) {
  if (frame.size() < kTransport + kShortestTcp || ether_type(frame) != kTypeIpv4 ||
      frame[kEthernet] != 0x45 || frame[kEthernet + 9] != 6) {
    return false;
  }
  const bool fragment = (load_be16(frame.data() + kEthernet + 6) & 0x3fffU) != 0;
  const std::uint8_t flags = frame[kTransport + 13];
  return !fragment && checksum.start == kTransport && checksum.offset == kChecksumOffset &&
         (flags & ~kPush) == kAck && headers_of(frame) >= kTransport + kShortestTcp &&
         headers_of(frame) < frame.size() &&
         load_be16(frame.data() + kEthernet + 2) == frame.size() - kEthernet;
}

bool same(Bytes a, Bytes b, std::size_t from, std::size_t to) {
  return std::equal(a.begin() + static_cast<std::ptrdiff_t>(from),
                    a.begin() + static_cast<std::ptrdiff_t>(to),
                    b.begin() + static_cast<std::ptrdiff_t>(from));
}

// Addresses and ports.
bool same_stream(Bytes a, Bytes b) {
  return same(a, b, kEthernet + 12, kTransport + 4);
}

}  // namespace

Coalescer::Coalescer(Sink sink) : sink_(std::move(sink)) {}

void Coalescer::add(Bytes frame, const PartialChecksum& checksum) {
  const bool tcp = frame.size() >= kTransport + kShortestTcp && ether_type(frame) == kTypeIpv4 &&
                   frame[kEthernet] == 0x45 && frame[kEthernet + 9] == 6;
  Stream* const stream = tcp ? stream_of(frame) : nullptr;
  if (!is_candidate(frame, checksum)) {
    if (stream != nullptr) {
      emit(*stream);
    }
    return sink_(frame, checksum, 0, 0);
  }
  if (stream != nullptr && continues(*stream, frame)) {
    const std::size_t payload = frame.size() - stream->headers;
    stream->frame.insert(stream->frame.end(),
                         frame.begin() + static_cast<std::ptrdiff_t>(stream->headers), frame.end());
    stream->next += static_cast<std::uint32_t>(payload);
    stream->joined = true;
    const std::uint8_t push = frame[kTransport + 13] & kPush;
    stream->frame[kTransport + 13] |= push;
    if (push != 0 || payload < stream->segment) {
      emit(*stream);
    }
    return;
  }
  if (stream != nullptr) {
    emit(*stream);
  }
  begin(free_stream(), frame, checksum);
}

void Coalescer::begin(Stream& stream, Bytes frame, const PartialChecksum& checksum) {
  stream.frame.reserve(kBiggest);
  stream.frame.assign(frame.begin(), frame.end());
  stream.checksum = checksum;
  stream.transport = kTransport;
  stream.headers = headers_of(frame);
  stream.segment = frame.size() - stream.headers;
  stream.next =
      load_be32(frame.data() + kTransport + 4) + static_cast<std::uint32_t>(stream.segment);
  stream.joined = false;
  if ((frame[kTransport + 13] & kPush) != 0) {
    emit(stream);
  }
}

bool Coalescer::continues(const Stream& stream, Bytes frame) {
  const Bytes open = stream.frame;
  // Ethernet; version to service; flags and fragment, time to live, protocol; acknowledgement
  // number and data offset; window; urgent pointer and options.
  return frame.size() > stream.headers && frame.size() - stream.headers <= stream.segment &&
         open.size() + frame.size() - stream.headers <= kBiggest &&
         headers_of(frame) == stream.headers &&
         load_be32(frame.data() + kTransport + 4) == stream.next && same(open, frame, 0, 16) &&
         same(open, frame, kEthernet + 6, kEthernet + 10) &&
         same(open, frame, kTransport + 8, kTransport + 13) &&
         same(open, frame, kTransport + 14, kTransport + 16) &&
         same(open, frame, kTransport + 18, stream.headers);
}

Coalescer::Stream* Coalescer::stream_of(Bytes frame) {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const Stream& one) {
    return !one.frame.empty() && same_stream(one.frame, frame);
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
    std::uint8_t* const ip = stream.frame.data() + kEthernet;
    store_be16(ip + 2, static_cast<std::uint16_t>(stream.frame.size() - kEthernet));
    store_be16(ip + 10, 0);
    store_be16(ip + 10, static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, {ip, 20}))));
    store_be16(stream.frame.data() + kTransport + kChecksumOffset,
               pseudo_sum(stream.frame, kTransport));
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
