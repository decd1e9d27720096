#include "vpn/io/udp_socket.hpp"

#include "base/text.hpp"
#include "vpn/io/conveyor.hpp"
#include "vpn/io/socket_address.hpp"
#include "vpn/io/udp_sender.hpp"

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

constexpr int kUdpGro = 104;  // UDP_GRO of linux/udp.h
constexpr std::size_t kMessages = 32;
constexpr std::size_t kMessageSize = 65536;
constexpr int kBuffer = 8 << 20;             // bytes in the kernel
constexpr std::size_t kArenas = 4;           // of a socket with a sending thread
constexpr std::size_t kLittle = 16U << 10U;  // bytes that are sent faster than a thread wakes up

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
  const SocketAddress address = address_of(local, ipv4_only);
  if (!fd.is_open() || ::bind(fd.get(), address.get(), address.size) != 0) {
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
  SocketAddress address;
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

// The sender's state is whoever's turn it is to send: this thread's or the helper's.
struct UdpSocket::Outgoing {
  Outgoing(int fd, bool ipv4_only) : sender(fd, ipv4_only) {}

  UdpSender sender;
  Conveyor<SendArena> arenas{[this](SendArena& arena) { sender.send(arena); }};
};

UdpSocket::UdpSocket(Fd fd, bool ipv4_only, std::uint16_t port)
    : fd_(std::move(fd)),
      ipv4_only_(ipv4_only),
      port_(port),
      outgoing_(std::make_unique<Outgoing>(fd_.get(), ipv4_only)),
      incoming_(std::make_unique<Incoming>()) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  outgoing_ = std::move(other.outgoing_);  // ends a thread that sends before its socket is closed
  fd_ = std::move(other.fd_);
  ipv4_only_ = other.ipv4_only_;
  port_ = other.port_;
  incoming_ = std::move(other.incoming_);
  return *this;
}
UdpSocket::~UdpSocket() = default;

bool UdpSocket::start_thread() {
  return outgoing_->arenas.start(kArenas);
}

MutableBytes UdpSocket::reserve(std::size_t size) {
  Conveyor<SendArena>& arenas = outgoing_->arenas;
  if (!arenas.slot().has_room(size)) {
    arenas.pass(false);
  }
  return arenas.slot().reserve(size);
}

void UdpSocket::queue(const Endpoint& to) {
  Outgoing& out = *outgoing_;
  if (ipv4_only_ && !to.is_ipv4()) {
    out.sender.lose(1);
    return;
  }
  out.arenas.slot().add(to, out.sender.segments());
}

void UdpSocket::flush() {
  Conveyor<SendArena>& arenas = outgoing_->arenas;
  if (const std::size_t used = arenas.slot().used(); used > 0) {
    arenas.pass(used <= kLittle);
  }
}

std::uint64_t UdpSocket::lost() const {
  return outgoing_->sender.lost();
}

bool UdpSocket::failed() const {
  return outgoing_->arenas.failed();
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
