#pragma once

#include "vpn/bytes.hpp"

#include <compare>
#include <string>

namespace marvel::vpn {

// An address and port of the underlay. IPv4 stands as ::ffff:a.b.c.d, as in a dual-stack socket, so
// that one place has one form and two of them compare as bytes.
struct Endpoint {
  Block<16> address{};     // network order; all zero: none
  std::uint16_t port = 0;  // host order

  // Both in host order: 0xc0000201 is 192.0.2.1.
  static Endpoint from_ipv4(std::uint32_t address, std::uint16_t port);
  [[nodiscard]] bool is_ipv4() const;
  // Nobody is reached at port 0, so it stands for none.
  [[nodiscard]] bool empty() const { return port == 0; }
  // "192.0.2.1:4194" or "[2001:db8::1]:4194".
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

// "HOST:PORT", where an IPv6 address may stand in brackets: the two parts, and nothing for another
// form or a port below `lowest`. Whether there is such a host is not looked at. The last colon
// parts them: "2001:db8::1:4194" has the port 4194.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t lowest = 1);

// An IPv4 address of the overlay, in host order. 0 is none. The text is four decimal numbers with
// dots; parse_ipv4 takes nothing else, not even blanks.
using Ipv4 = std::uint32_t;
std::string ipv4_text(Ipv4 address);
std::optional<Ipv4> parse_ipv4(std::string_view text);

// A network of the overlay: "10.8.0.0/24".
//
// A community's network has 8 to 30 bits. Networks behind a node and those in a certificate may
// have up to 32: a single address. The default, with 0 bits, stands for none and must not be asked
// for its mask.
struct Subnet {
  Ipv4 base = 0;      // host bits are zero
  unsigned bits = 0;  // of the prefix

  [[nodiscard]] Ipv4 mask() const;
  [[nodiscard]] bool contains(Ipv4 address) const { return (address & mask()) == base; }
  // Whether an edge may have it: neither the network's own address nor its broadcast.
  [[nodiscard]] bool is_host(Ipv4 address) const;
  // How many addresses is_host() accepts, for a network of at most 30 bits.
  [[nodiscard]] std::uint32_t hosts() const { return ~mask() - 1; }
  [[nodiscard]] std::string text() const;
  bool operator==(const Subnet&) const = default;
};
// "ADDRESS/BITS". Host bits must be zero and the prefix 8 to 30 bits; nothing for another form.
std::optional<Subnet> parse_subnet(std::string_view text);

}  // namespace marvel::vpn
