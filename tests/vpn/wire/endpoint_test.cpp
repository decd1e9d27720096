#include "vpn/wire/endpoint.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("endpoints are written as people write them") {
  CHECK(Endpoint::from_ipv4(0xc0000201, 4194).text() == "192.0.2.1:4194");
  Endpoint v6;
  v6.address = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  v6.port = 53;
  CHECK(v6.text() == "[2001:db8::1]:53");
  CHECK_FALSE(v6.is_ipv4());
  CHECK(Endpoint().empty());
}

TEST_CASE("a subnet has 8 to 30 bits and nothing behind them") {
  const auto subnet = parse_subnet("10.8.0.0/24");
  REQUIRE(subnet);
  CHECK(subnet->text() == "10.8.0.0/24");
  CHECK(subnet->hosts() == 254);
  CHECK(subnet->is_host(0x0a080001));
  CHECK(subnet->is_host(0x0a0800fe));
  CHECK_FALSE(subnet->is_host(0x0a080000));
  CHECK_FALSE(subnet->is_host(0x0a0800ff));
  CHECK_FALSE(subnet->is_host(0x0a080101));
  for (const char* text : {"", "10.8.0.0", "10.8.0.1/24", "10.8.0.0/31", "10.0.0.0/7", "10.8.0/24",
                           "10.8.0.0/", "10.8.0.0/24x", "a/24"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_subnet(text));
  }
}

TEST_CASE("IPv4 addresses are read and written") {
  CHECK(parse_ipv4("10.8.0.1") == 0x0a080001U);
  CHECK(ipv4_text(0x0a080001) == "10.8.0.1");
  CHECK_FALSE(parse_ipv4("10.8.0.256"));
  CHECK_FALSE(parse_ipv4("10.8.0.1 "));
}

TEST_CASE("a host and its port are told apart, and brackets go") {
  const auto name = parse_host_port("vpn.example.org:4194");
  REQUIRE(name);
  CHECK(name->host == "vpn.example.org");
  CHECK(name->port == 4194);
  CHECK(parse_host_port("[2001:db8::1]:4194")->host == "2001:db8::1");
  CHECK(parse_host_port("a:0", 0)->port == 0);
  for (const char* text : {"", "a", "a:", "a:0", "a:65536", "a:-1", "a:1x", "4194"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_host_port(text));
  }
}

}  // namespace marvel::vpn
