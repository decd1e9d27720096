#include "vpn/io/icmp_ping.hpp"

#include "vpn/io/poller.hpp"
#include "vpn/offload/frame.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kEcho = 8;
constexpr std::uint8_t kEchoReply = 0;
constexpr std::size_t kSize = 64;
constexpr std::size_t kMostHeader = 60;  // of IPv4

}  // namespace

Result<IcmpPing> IcmpPing::open(Ipv4 target) {
  // Many systems let nobody have the first kind, and root the second one.
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP));
  const bool is_raw = !fd.is_open();
  if (is_raw) {
    fd = Fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(target);
  if (!fd.is_open() ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return fail(Errc::kDenied,
                "cannot send echo requests: " + std::generic_category().message(errno),
                "root may; sysctl net.ipv4.ping_group_range says who else");
  }
  return IcmpPing(std::move(fd), is_raw);
}

// A raw socket sees the IPv4 header, and the echoes of all programs; of the other kind of socket
// the kernel has set the identifier, and sorted by it.
bool IcmpPing::is_answer(Bytes packet) const {
  const std::size_t header = is_raw_ ? std::size_t{4} * (packet[0] & 15U) : 0;
  if (packet.size() < header + 8) {
    return false;
  }
  const Bytes echo = packet.subspan(header);
  return echo[0] == kEchoReply && load_be16(echo.data() + 6) == sequence_ &&
         (!is_raw_ || load_be16(echo.data() + 4) == identifier_);
}

std::optional<Duration> IcmpPing::ask(Duration limit) {
  Block<kSize> packet{kEcho};
  store_be16(packet.data() + 4, identifier_);
  store_be16(packet.data() + 6, ++sequence_);
  store_be16(packet.data() + 2,
             static_cast<std::uint16_t>(~checksum_fold(checksum_add(0, packet))));
  const Time begin = Poller::now();
  ::send(fd_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(begin + limit - Poller::now());
    pollfd wanted{fd_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) {
      return std::nullopt;
    }
    Block<kMostHeader + kSize> answer{};
    const ssize_t got = ::recv(fd_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
    if (got > 0 && is_answer(Bytes(answer).first(static_cast<std::size_t>(got)))) {
      return Poller::now() - begin;
    }
  }
}

}  // namespace marvel::vpn
