#include "vpn/io/icmp_ping.hpp"

#include "vpn/io/poller.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kEcho = 8;
constexpr std::uint8_t kEchoReply = 0;
constexpr std::size_t kSize = 64;

}  // namespace

Result<IcmpPing> IcmpPing::open(Ipv4 target) {
  // The kernel puts in identifier and checksum, and hands over answers to them only.
  Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(target);
  if (!fd.is_open() ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    return fail(Errc::kDenied,
                "cannot send echo requests: " + std::generic_category().message(errno),
                "sysctl net.ipv4.ping_group_range says who may");
  }
  return IcmpPing(std::move(fd));
}

std::optional<Duration> IcmpPing::ask(Duration limit) {
  Block<kSize> packet{kEcho};
  store_be16(packet.data() + 6, ++sequence_);
  const Time begin = Poller::now();
  ::send(fd_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(begin + limit - Poller::now());
    pollfd wanted{fd_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) {
      return std::nullopt;
    }
    Block<kSize> answer{};
    const ssize_t got = ::recv(fd_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
    if (got >= 8 && answer[0] == kEchoReply && load_be16(answer.data() + 6) == sequence_) {
      return Poller::now() - begin;
    }
  }
}

}  // namespace marvel::vpn
