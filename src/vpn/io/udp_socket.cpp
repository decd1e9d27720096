#include "vpn/io/udp_socket.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

#include <netdb.h>

namespace marvel::vpn {
namespace {

constexpr int kUdpSegment = 103;  // UDP_SEGMENT and UDP_GRO of linux/udp.h
constexpr int kUdpGro = 104;
constexpr std::size_t kArena = std::size_t{1} << 20U;
constexpr std::size_t kMostInBatch = 64;  // UDP_MAX_SEGMENTS
constexpr std::size_t kMostBytes = 65000;
constexpr std::size_t kMostBatches = 64;
constexpr std::size_t kMessages = 32;
constexpr std::size_t kMessageSize = 65536;
constexpr int kBuffer = 8 << 20;  // bytes in the kernel
constexpr int kWaitForRoom = 5;   // ms

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(const Endpoint& endpoint, bool ipv4_only) {
  Address address;
  if (ipv4_only) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.data() + 12, 4);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.size = sizeof v4;
    return address;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.address.data(), 16);
  std::memcpy(&address.storage, &v6, sizeof v6);
  address.size = sizeof v6;
  return address;
}

Endpoint endpoint_of(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return Endpoint::from_ipv4(ntohl(v4.sin_addr.s_addr), ntohs(v4.sin_port));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  Endpoint endpoint;
  std::memcpy(endpoint.address.data(), &v6.sin6_addr, 16);
  endpoint.port = ntohs(v6.sin6_port);
  return endpoint;
}

// As large as we may: beyond the system's limit only with CAP_NET_ADMIN.
void enlarge(int fd, int forced, int usual) {
  if (::setsockopt(fd, SOL_SOCKET, forced, &kBuffer, sizeof kBuffer) != 0) {
    ::setsockopt(fd, SOL_SOCKET, usual, &kBuffer, sizeof kBuffer);
  }
}

Result<Fd> bound_socket(const Endpoint& local, bool ipv4_only) {
  Fd fd(::socket(ipv4_only ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int off = 0;
  if (fd.is_open() && !ipv4_only) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  const Address address = address_of(local, ipv4_only);
  if (!fd.is_open() ||
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    return fail(Errc::kUnavailable,
                "cannot listen on UDP port " + std::to_string(local.port) + ": " +
                    std::generic_category().message(errno),
                "another program may use it; choose another one with --listen");
  }
  // Never fragmented, and no belief in what anybody says of the path's MTU: nodes find out.
  const int pmtu = IP_PMTUDISC_PROBE;
  ::setsockopt(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, &pmtu, sizeof pmtu);
  if (!ipv4_only) {
    const int pmtu6 = IPV6_PMTUDISC_PROBE;
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, &pmtu6, sizeof pmtu6);
  }
  const int gro = 1;
  ::setsockopt(fd.get(), IPPROTO_UDP, kUdpGro, &gro, sizeof gro);
  enlarge(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF);
  enlarge(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF);
  return fd;
}

bool has_ipv6() {
  return Fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)).is_open();
}

std::uint16_t port_of(int fd) {
  Address address;
  address.size = sizeof address.storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return endpoint_of(address.storage).port;
}

// The size of each datagram in a received buffer.
std::size_t segment_of(msghdr& header, std::size_t whole) {
  for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
    if (one->cmsg_level == IPPROTO_UDP && one->cmsg_type == kUdpGro) {
      int size = 0;
      std::memcpy(&size, CMSG_DATA(one), sizeof size);
      return size > 0 ? static_cast<std::size_t>(size) : whole;
    }
  }
  return whole;
}

}  // namespace

struct UdpSocket::Incoming {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kMessages * kMessageSize);
  std::array<sockaddr_storage, kMessages> from{};
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(int))>, kMessages> control{};
  std::array<iovec, kMessages> parts{};
  std::array<mmsghdr, kMessages> messages{};
};

Result<UdpSocket> UdpSocket::open(const Endpoint& local) {
  const bool ipv4_only = !has_ipv6() || (local.is_ipv4() && local.address != Endpoint().address);
  MARVEL_TRY(Fd fd, bound_socket(local, ipv4_only));
  const std::uint16_t port = port_of(fd.get());
  return UdpSocket(std::move(fd), ipv4_only, port);
}

UdpSocket::UdpSocket(Fd fd, bool ipv4_only, std::uint16_t port)
    : fd_(std::move(fd)),
      ipv4_only_(ipv4_only),
      port_(port),
      arena_(kArena),
      incoming_(std::make_unique<Incoming>()) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

MutableBytes UdpSocket::reserve(std::size_t size) {
  if (used_ + size > arena_.size() || batches_.size() >= kMostBatches) {
    flush();
  }
  reserved_ = size;
  return MutableBytes(arena_).subspan(used_, size);
}

void UdpSocket::queue(const Endpoint& to) {
  const std::size_t size = reserved_;
  if (ipv4_only_ && !to.is_ipv4()) {
    ++lost_;
    return;
  }
  Batch* const last = batches_.empty() ? nullptr : &batches_.back();
  const bool joins = last != nullptr && segments_ && !last->closed && last->to == to &&
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

bool UdpSocket::wait_for_room() const {
  pollfd wanted{fd_.get(), POLLOUT, 0};
  return ::poll(&wanted, 1, kWaitForRoom) > 0;
}

void UdpSocket::send_one_by_one(const Batch& batch) {
  const Address to = address_of(batch.to, ipv4_only_);
  for (std::size_t at = batch.begin; at < batch.end; at += batch.segment) {
    const std::size_t size = std::min(batch.segment, batch.end - at);
    const auto send = [&] {
      return ::sendto(fd_.get(), arena_.data() + at, size, 0,
                      reinterpret_cast<const sockaddr*>(&to.storage), to.size);
    };
    const bool sent = send() >= 0;
    lost_ += sent ? 0 : 1;
  }
}

// Sends from the batch of this number on; the number of the first one that is left.
std::size_t UdpSocket::send_batches(std::size_t first) {
  std::array<Address, kMostBatches> to{};
  std::array<iovec, kMostBatches> parts{};
  std::array<mmsghdr, kMostBatches> messages{};
  alignas(cmsghdr) std::array<std::array<char, CMSG_SPACE(sizeof(std::uint16_t))>, kMostBatches>
      control{};
  const std::size_t count = batches_.size() - first;
  for (std::size_t at = 0; at < count; ++at) {
    const Batch& batch = batches_[first + at];
    to[at] = address_of(batch.to, ipv4_only_);
    parts[at] = {arena_.data() + batch.begin, batch.end - batch.begin};
    msghdr& header = messages[at].msg_hdr;
    header.msg_name = &to[at].storage;
    header.msg_namelen = to[at].size;
    header.msg_iov = &parts[at];
    header.msg_iovlen = 1;
    if (batch.count > 1) {
      header.msg_control = control[at].data();
      header.msg_controllen = control[at].size();
      cmsghdr* const one = CMSG_FIRSTHDR(&header);
      one->cmsg_level = IPPROTO_UDP;
      one->cmsg_type = kUdpSegment;
      one->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto segment = static_cast<std::uint16_t>(batch.segment);
      std::memcpy(CMSG_DATA(one), &segment, sizeof segment);
    }
  }
  const int sent = ::sendmmsg(fd_.get(), messages.data(), static_cast<unsigned>(count), 0);
  if (sent >= 0) {
    return first + static_cast<std::size_t>(sent);
  }
  // A link that is slower than the machine: one short wait, then the rest is lost, as in any full
  // queue. Waiting for each datagram would keep this thread from everything else.
  if (errno == EAGAIN) {
    if (!waited_ && wait_for_room()) {
      waited_ = true;
      return first;
    }
    lost_ += batches_[first].count;
    return first + 1;
  }
  // Without UDP_SEGMENT, or over a path whose MTU is smaller, each datagram goes alone.
  segments_ = segments_ && errno != EIO;
  send_one_by_one(batches_[first]);
  return first + 1;
}

void UdpSocket::flush() {
  waited_ = false;
  for (std::size_t first = 0; first < batches_.size();) {
    first = send_batches(first);
  }
  batches_.clear();
  used_ = 0;
}

void UdpSocket::prepare(std::size_t at) {
  Incoming& in = *incoming_;
  in.parts[at] = {in.bytes.data() + at * kMessageSize, kMessageSize};
  msghdr& header = in.messages[at].msg_hdr;
  header = {};
  header.msg_name = &in.from[at];
  header.msg_namelen = sizeof in.from[at];
  header.msg_iov = &in.parts[at];
  header.msg_iovlen = 1;
  header.msg_control = in.control[at].data();
  header.msg_controllen = in.control[at].size();
}

std::size_t UdpSocket::receive(const Take& take) {
  Incoming& in = *incoming_;
  for (std::size_t at = 0; at < kMessages; ++at) {
    prepare(at);
  }
  const int got = ::recvmmsg(fd_.get(), in.messages.data(), kMessages, MSG_DONTWAIT, nullptr);
  for (int at = 0; at < got; ++at) {
    const auto number = static_cast<std::size_t>(at);
    const std::size_t size = in.messages[number].msg_len;
    const std::size_t segment = segment_of(in.messages[number].msg_hdr, size);
    const Endpoint from = endpoint_of(in.from[number]);
    std::uint8_t* const bytes = in.bytes.data() + number * kMessageSize;
    for (std::size_t begin = 0; begin < size; begin += segment) {
      take(from, {bytes + begin, std::min(segment, size - begin)});
    }
  }
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

Result<std::vector<Endpoint>> resolve(const std::string& host_and_port, std::uint16_t lowest) {
  const auto place = parse_host_port(host_and_port, lowest);
  if (!place) {
    return fail(Errc::kInput, "'" + host_and_port + "' is not HOST:PORT",
                "as in vpn.example.org:4194 or [2001:db8::1]:4194");
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(place->host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return fail(Errc::kNotFound, "cannot find '" + place->host + "': " + ::gai_strerror(error),
                "check the name and the machine's DNS");
  }
  std::vector<Endpoint> all;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, one->ai_addr, one->ai_addrlen);
    all.push_back(endpoint_of(storage));
    all.back().port = place->port;
  }
  ::freeaddrinfo(found);
  return all;
}

}  // namespace marvel::vpn
