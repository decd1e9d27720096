#include "vpn/wire/endpoint.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace marvel::vpn {
namespace {

constexpr Block<12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kFewestBits = 8;
constexpr unsigned kMostBits = 30;

}  // namespace

Endpoint Endpoint::from_ipv4(std::uint32_t address, std::uint16_t port) {
  Endpoint endpoint;
  std::copy(kMapped.begin(), kMapped.end(), endpoint.address.begin());
  store_be32(endpoint.address.data() + kMapped.size(), address);
  endpoint.port = port;
  return endpoint;
}

bool Endpoint::is_ipv4() const {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

std::string Endpoint::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (is_ipv4()) {
    ::inet_ntop(AF_INET, address.data() + kMapped.size(), buffer, sizeof buffer);
    return std::string(buffer) + ":" + std::to_string(port);
  }
  ::inet_ntop(AF_INET6, address.data(), buffer, sizeof buffer);
  return "[" + std::string(buffer) + "]:" + std::to_string(port);
}

std::optional<HostPort> parse_host_port(std::string_view text, std::uint16_t lowest) {
  constexpr std::uint64_t kMostPort = 65535;
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port < lowest || *port > kMostPort) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string ipv4_text(Ipv4 address) {
  const auto byte = [address](unsigned shift) { return std::to_string(address >> shift & 0xffU); };
  return byte(24) + "." + byte(16) + "." + byte(8) + "." + byte(0);
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) {
    return std::nullopt;
  }
  return ntohl(parsed.s_addr);
}

Ipv4 Subnet::mask() const {
  return bits == 0 ? 0 : ~Ipv4{0} << (32U - bits);  // a shift by 32 has no meaning
}

bool Subnet::is_host(Ipv4 address) const {
  return contains(address) && address != base && address != (base | ~mask());
}

std::string Subnet::text() const {
  return ipv4_text(base) + "/" + std::to_string(bits);
}

std::optional<Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto base = parse_ipv4(text.substr(0, slash));
  const auto bits = parse_unsigned(text.substr(slash + 1));
  if (!base || !bits || *bits < kFewestBits || *bits > kMostBits) {
    return std::nullopt;
  }
  const Subnet subnet{*base, static_cast<unsigned>(*bits)};
  return (subnet.base & ~subnet.mask()) == 0 ? std::optional(subnet) : std::nullopt;
}

}  // namespace marvel::vpn
