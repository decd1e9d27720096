#pragma once

#include "vpn/wire/endpoint.hpp"

#include <sys/socket.h>

namespace marvel::vpn {

// An endpoint as the kernel has it, with room for either family. A value; get() lives as long as
// it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// For a socket of AF_INET when `ipv4_only`, which takes IPv4 endpoints alone (the caller has
// looked), else of AF_INET6, where IPv4 stands as ::ffff:a.b.c.d.
SocketAddress address_of(const Endpoint& endpoint, bool ipv4_only);
// Of AF_INET or AF_INET6; any other family is read as the latter. The same endpoint comes back that
// address_of() was given, whichever the socket.
Endpoint endpoint_of(const sockaddr_storage& storage);

}  // namespace marvel::vpn
