#include "vpn/io/udp_sender.hpp"

#include "vpn/io/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <utility>

namespace marvel::vpn {
namespace {

constexpr int kUdpSegment = 103;           // UDP_SEGMENT of linux/udp.h
constexpr std::size_t kMostInBatch = 64;   // UDP_MAX_SEGMENTS
constexpr std::size_t kMostBytes = 65000;  // of a batch
constexpr std::size_t kArena =
    512U << 10U;                 // bytes; what another core copies next should still be in a cache
constexpr int kWaitForRoom = 5;  // ms

// The messages of one sendmmsg.
struct Outgoing {
  static constexpr std::size_t kMost = SendArena::kMostBatches;
  std::array<SocketAddress, kMost> to{};
  std::array<iovec, kMost> parts{};
  std::array<mmsghdr, kMost> messages{};
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(std::uint16_t))>, kMost> control{};

  void set(std::size_t at, const SocketAddress& address, Bytes bytes) {
    to[at] = address;
    // sendmmsg takes what it does not change as not const.
    parts[at] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};  // NOLINT
    msghdr& header = messages[at].msg_hdr;
    header.msg_name = &to[at].storage;
    header.msg_namelen = to[at].size;
    header.msg_iov = &parts[at];
    header.msg_iovlen = 1;
  }
  void cut(std::size_t at, std::size_t size) {
    msghdr& header = messages[at].msg_hdr;
    header.msg_control = control[at].data();
    header.msg_controllen = control[at].size();
    cmsghdr* const one = CMSG_FIRSTHDR(&header);
    one->cmsg_level = IPPROTO_UDP;
    one->cmsg_type = kUdpSegment;
    one->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(size);
    std::memcpy(CMSG_DATA(one), &segment, sizeof segment);
  }
};

}  // namespace

SendArena::SendArena() : bytes_(kArena) {
  batches_.reserve(kMostBatches);
}

MutableBytes SendArena::reserve(std::size_t size) {
  reserved_ = size;
  return MutableBytes(bytes_).subspan(used_, size);
}

void SendArena::add(const Endpoint& to, bool joined) {
  const std::size_t size = reserved_;
  Batch* const last = batches_.empty() ? nullptr : &batches_.back();
  const bool joins = joined && last != nullptr && !last->closed && last->to == to &&
                     size <= last->segment && last->count < kMostInBatch &&
                     last->end - last->begin + size <= kMostBytes;
  if (joins) {
    last->end += size;
    ++last->count;
    last->closed = size < last->segment;
  } else {
    batches_.push_back({to, used_, used_ + size, size, 1, false});
  }
  used_ += size;
}

void SendArena::clear() {
  batches_.clear();
  used_ = 0;
}

// Once per arena: waiting for each datagram would keep whoever sends from everything else.
bool UdpSender::wait_for_room() {
  if (std::exchange(waited_, true)) {
    return false;
  }
  pollfd wanted{fd_, POLLOUT, 0};
  return ::poll(&wanted, 1, kWaitForRoom) > 0;
}

void UdpSender::send_one_by_one(Bytes bytes, const SendArena::Batch& batch) {
  const SocketAddress to = address_of(batch.to, ipv4_only_);
  for (std::size_t at = 0; at < bytes.size(); at += batch.segment) {
    const Bytes one = bytes.subspan(at, std::min(batch.segment, bytes.size() - at));
    const bool sent = ::sendto(fd_, one.data(), one.size(), 0, to.get(), to.size) >= 0;
    lose(sent ? 0 : 1);
  }
}

// Sends from the batch of this number on; the number of the first one that is left.
std::size_t UdpSender::send_from(const SendArena& arena, std::size_t first) {
  Outgoing out;
  const std::size_t count = arena.batches().size() - first;
  for (std::size_t at = 0; at < count; ++at) {
    const SendArena::Batch& batch = arena.batches()[first + at];
    out.set(at, address_of(batch.to, ipv4_only_), arena.bytes(batch));
    if (batch.count > 1) {
      out.cut(at, batch.segment);
    }
  }
  const int sent = ::sendmmsg(fd_, out.messages.data(), static_cast<unsigned>(count), 0);
  if (sent >= 0) {
    return first + static_cast<std::size_t>(sent);
  }
  const SendArena::Batch& refused = arena.batches()[first];
  // A link that is slower than the machine: one short wait, then what does not fit is lost, as in
  // any full queue.
  if (errno == EAGAIN) {
    if (wait_for_room()) {
      return first;
    }
    lose(refused.count);
    return first + 1;
  }
  // Without UDP_SEGMENT, or over a path whose MTU is smaller, each datagram goes alone.
  if (errno == EIO) {
    segments_.store(false, std::memory_order_relaxed);
  }
  send_one_by_one(arena.bytes(refused), refused);
  return first + 1;
}

void UdpSender::send(const SendArena& arena) {
  waited_ = false;
  for (std::size_t first = 0; first < arena.batches().size();) {
    first = send_from(arena, first);
  }
}

}  // namespace marvel::vpn
