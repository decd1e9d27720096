#include "vpn/io/lan_socket.hpp"

#include "vpn/io/local_addresses.hpp"

#include <algorithm>
#include <array>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace marvel::vpn {
namespace {

constexpr std::uint32_t kGroup = 0xefff4d56;  // 239.255.77.86: administratively scoped, RFC 2365
constexpr std::uint16_t kPort = 4195;
constexpr int kAtOnce = 16;

sockaddr_in place(std::uint32_t address) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(kPort);
  where.sin_addr.s_addr = htonl(address);
  return where;
}

ip_mreqn membership(int device) {
  ip_mreqn request{};
  request.imr_multiaddr.s_addr = htonl(kGroup);
  request.imr_ifindex = device;
  return request;
}

}  // namespace

LanSocket LanSocket::open() {
  LanSocket socket;
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  // Bound to the group, so that nothing else that is sent to the port comes in.
  const sockaddr_in group = place(kGroup);
  const bool ready = fd.is_open() &&
                     ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                     ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&group), sizeof group) == 0;
  if (ready) {
    socket.fd_ = std::move(fd);
  }
  return socket;
}

void LanSocket::join(const std::string& without) {
  const auto devices = lan_devices(without);
  for (const int device : devices) {
    const ip_mreqn request = membership(device);
    // What was joined before says so, and stays joined.
    ::setsockopt(fd_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
  }
  devices_ = devices;
}

void LanSocket::send(Bytes bytes) {
  const sockaddr_in to = place(kGroup);
  for (const int device : devices_) {
    const ip_mreqn through = membership(device);
    if (::setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through) == 0) {
      ::sendto(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
  }
}

void LanSocket::receive(const std::function<void(Bytes)>& take) const {
  std::array<std::uint8_t, 2048> buffer{};
  for (int count = 0; count < kAtOnce; ++count) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) {
      return;
    }
    take(Bytes(buffer).first(static_cast<std::size_t>(got)));
  }
}

}  // namespace marvel::vpn
