#include "vpn/io/tap.hpp"

#include "vpn/offload/tap_header.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>

namespace marvel::vpn {
namespace {

constexpr std::size_t kBiggestFrame = 65536 + 64;
constexpr unsigned kUdpSegments = 0x20 | 0x40;  // TUN_F_USO4 and 6, newer than Debian's headers
constexpr int kQueue = 10000;                   // frames that may wait in the kernel

Error system_error(Errc code, const std::string& what) {
  return {code, what + ": " + std::generic_category().message(errno), "", {}};
}

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

void put_ipv4(sockaddr& place, Ipv4 address) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(address);
  std::memcpy(&place, &v4, sizeof place);
}

// The requests below go through any socket.
Fd control_socket() {
  return Fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

Status set_mac_and_mtu(const std::string& name, const Mac& mac, std::size_t mtu) {
  const Fd socket = control_socket();
  ifreq request = request_for(name);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::copy(mac.begin(), mac.end(), request.ifr_hwaddr.sa_data);
  bool done = ::ioctl(socket.get(), SIOCSIFHWADDR, &request) == 0;
  request = request_for(name);
  request.ifr_mtu = static_cast<int>(mtu);
  done = done && ::ioctl(socket.get(), SIOCSIFMTU, &request) == 0;
  if (!done) {
    return fail(system_error(Errc::kDenied, "cannot set up the device " + name));
  }
  request = request_for(name);
  request.ifr_qlen = kQueue;
  ::ioctl(socket.get(), SIOCSIFTXQLEN, &request);  // it works with a shorter one
  return {};
}

}  // namespace

Tap::Tap(Fd fd, std::string name)
    : fd_(std::move(fd)), name_(std::move(name)), buffer_(kTapHeader + kBiggestFrame) {}

Result<Tap> Tap::open(const std::string& name, const Mac& mac, std::size_t mtu) {
  Fd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.is_open()) {
    Error error = system_error(Errc::kUnsupported, "cannot open /dev/net/tun");
    error.hint = "load the module tun; give a container --device /dev/net/tun";
    return fail(error);
  }
  ifreq request = request_for(name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) {
    Error error = system_error(Errc::kDenied, "cannot make the device " + name);
    error.hint = "this needs root or the capability CAP_NET_ADMIN, and a name that is free";
    return fail(error);
  }
  const std::string made = request.ifr_name;
  // Older kernels cut UDP themselves.
  const unsigned offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  if (::ioctl(fd.get(), TUNSETOFFLOAD, offloads | kUdpSegments) != 0) {
    ::ioctl(fd.get(), TUNSETOFFLOAD, offloads);
  }
  MARVEL_TRY_STATUS(set_mac_and_mtu(made, mac, mtu));
  return Tap(std::move(fd), made);
}

Status Tap::configure(Ipv4 address, unsigned bits) {
  const Fd socket = control_socket();
  ifreq request = request_for(name_);
  put_ipv4(request.ifr_addr, address);
  bool done = ::ioctl(socket.get(), SIOCSIFADDR, &request) == 0;
  request = request_for(name_);
  put_ipv4(request.ifr_netmask, Subnet{0, bits}.mask());
  done = done && ::ioctl(socket.get(), SIOCSIFNETMASK, &request) == 0;
  request = request_for(name_);
  done = done && ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  done = done && ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
  if (!done) {
    return fail(system_error(Errc::kDenied, "cannot give the device " + name_ + " its address"));
  }
  return {};
}

bool Tap::configure(const Ipv6& address, unsigned bits) {
  // struct in6_ifreq of <linux/ipv6.h>, which cannot stand beside <netinet/in.h>.
  struct Request {
    in6_addr address;
    std::uint32_t bits;
    int device;
  };
  const Fd socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Request request{{}, bits, static_cast<int>(::if_nametoindex(name_.c_str()))};
  std::memcpy(&request.address, address.data(), address.size());
  return ::ioctl(socket.get(), SIOCSIFADDR, &request) == 0 || errno == EEXIST;
}

int Tap::change_route(const Subnet& network, unsigned long request) {
  const Fd socket = control_socket();
  rtentry route{};
  put_ipv4(route.rt_dst, network.base);
  put_ipv4(route.rt_genmask, network.mask());
  route.rt_flags = RTF_UP;
  route.rt_dev = name_.data();
  return ::ioctl(socket.get(), request, &route) == 0 ? 0 : errno;
}

Status Tap::add_route(const Subnet& network) {
  const int error = change_route(network, SIOCADDRT);
  if (error != 0 && error != EEXIST) {
    return fail(Errc::kDenied, "cannot route " + network.text() + " through " + name_ + ": " +
                                   std::generic_category().message(error));
  }
  return {};
}

Status Tap::remove_route(const Subnet& network) {
  const int error = change_route(network, SIOCDELRT);
  if (error != 0 && error != ESRCH) {
    return fail(Errc::kDenied, "cannot remove the route " + network.text() + ": " +
                                   std::generic_category().message(error));
  }
  return {};
}

std::optional<Tap::Frame> Tap::read(bool& broken) {
  const ssize_t got = ::read(fd_.get(), buffer_.data(), buffer_.size());
  // EIO: the device is down, which it is until it has an address.
  broken = got < 0 && errno != EAGAIN && errno != EINTR && errno != EIO;
  if (got <= static_cast<ssize_t>(kTapHeader)) {
    return std::nullopt;
  }
  const Bytes all = Bytes(buffer_).first(static_cast<std::size_t>(got));
  const Bytes frame = all.subspan(kTapHeader);
  const auto info = read_tap_header(all, frame.size());
  return info ? std::optional(Frame{frame, *info}) : std::optional(Frame{{}, {}});
}

bool Tap::write(Bytes frame, const PartialChecksum& checksum, std::size_t segment,
                std::size_t headers) {
  Block<kTapHeader> header{};
  const bool ipv6 = segment != 0 && ether_type(frame) == kTypeIpv6;
  write_tap_header(checksum, segment, headers, ipv6, header.data());
  // writev takes what it does not change as not const.
  std::array<iovec, 2> parts{{{header.data(), header.size()},
                              {const_cast<std::uint8_t*>(frame.data()), frame.size()}}};  // NOLINT
  return ::writev(fd_.get(), parts.data(), static_cast<int>(parts.size())) >= 0;
}

}  // namespace marvel::vpn
