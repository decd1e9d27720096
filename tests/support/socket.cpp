#include "support/socket.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace marvel::test {

Fd connected_to(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0
             ? std::move(client)
             : Fd();
}

std::string read_all(const Fd& client) {
  std::string text;
  char piece[4096];
  ssize_t got = 0;
  while ((got = ::recv(client.get(), piece, sizeof piece, 0)) > 0) {
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace marvel::test
