#include "vpn/io/socket_address.hpp"

#include <netinet/in.h>

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("an endpoint is the same after the kernel had it") {
  const Endpoint v4 = Endpoint::from_ipv4(0xc0000201, 4194);
  Endpoint v6;
  v6.address = {0x20, 0x01, 0x0d, 0xb8};
  v6.address[15] = 7;
  v6.port = 65535;
  CHECK(endpoint_of(address_of(v4, true).storage) == v4);
  CHECK(endpoint_of(address_of(v4, false).storage) == v4);
  CHECK(endpoint_of(address_of(v6, false).storage) == v6);
}

TEST_CASE("an address has the family and size of its socket") {
  const Endpoint v4 = Endpoint::from_ipv4(0xc0000201, 4194);
  const SocketAddress narrow = address_of(v4, true);
  CHECK(narrow.get()->sa_family == AF_INET);
  CHECK(narrow.size == sizeof(sockaddr_in));
  const SocketAddress wide = address_of(v4, false);
  CHECK(wide.get()->sa_family == AF_INET6);
  CHECK(wide.size == sizeof(sockaddr_in6));
}

}  // namespace marvel::vpn
