#pragma once

#include "vpn/wire/endpoint.hpp"

#include <sys/socket.h>

namespace marvel::vpn {

// An endpoint as the kernel has it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// For a socket of AF_INET when `ipv4_only`, which takes IPv4 endpoints alone, else of AF_INET6.
SocketAddress address_of(const Endpoint& endpoint, bool ipv4_only);
// Of AF_INET or AF_INET6.
Endpoint endpoint_of(const sockaddr_storage& storage);

}  // namespace marvel::vpn
