#include "net/proxy.hpp"

#include "base/text.hpp"
#include "net/headers.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <optional>
#include <string_view>

namespace marvel::net {
namespace {

// A proxy would look for it on its own machine.
constexpr const char* kLoopback = "localhost,127.0.0.0/8,::1,";

struct Address {
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;  // 32 or 128
};

std::optional<Address> read_address(const std::string& text) {
  Address address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
    return address;
  }
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    address.bits = 128;
    return address;
  }
  return std::nullopt;
}

bool same_prefix(const Address& a, const Address& b, std::uint64_t bits) {
  if (a.bits != b.bits || bits > a.bits) {
    return false;
  }
  for (std::size_t i = 0; i < bits / 8; ++i) {
    if (a.bytes[i] != b.bytes[i]) {
      return false;
    }
  }
  const unsigned rest = bits % 8;
  const unsigned mask = rest == 0 ? 0 : 0xffU << (8 - rest) & 0xffU;
  return rest == 0 || (a.bytes[bits / 8] & mask) == (b.bytes[bits / 8] & mask);
}

// `host` is `name` (unless only subdomains count) or ends with "." and `name`.
bool in_domain(std::string_view host, std::string_view name, bool only_below) {
  if (same_word(host, name)) {
    return !only_below;
  }
  return host.size() > name.size() && host[host.size() - name.size() - 1] == '.' &&
         same_word(host.substr(host.size() - name.size()), name);
}

bool covers_network(const std::string& entry, std::size_t slash, const std::string& host) {
  const auto network = read_address(entry.substr(0, slash));
  const auto bits = parse_unsigned(entry.substr(slash + 1));
  const auto address = read_address(host);
  return network && bits && address && same_prefix(*network, *address, *bits);
}

// Takes ":port" off `entry`; false when the port is another one. "::1" has none.
bool take_port(std::string& entry, std::uint16_t port) {
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    const std::string rest = end == entry.npos ? "" : entry.substr(end + 1);
    entry = entry.substr(1, end == entry.npos ? end : end - 1);
    return rest.empty() || rest == ":" + std::to_string(port);
  }
  const auto colon = entry.find(':');
  if (colon == entry.npos || entry.find(':', colon + 1) != entry.npos) {
    return true;
  }
  const bool same = entry.substr(colon + 1) == std::to_string(port);
  entry.resize(colon);
  return same;
}

bool covers(std::string entry, const std::string& host, std::uint16_t port) {
  if (entry == "*") {
    return true;
  }
  if (const auto slash = entry.find('/'); slash != entry.npos) {
    return covers_network(entry, slash, host);
  }
  if (!take_port(entry, port)) {
    return false;
  }
  if (const auto wanted = read_address(entry)) {
    const auto address = read_address(host);
    return address && same_prefix(*wanted, *address, wanted->bits);
  }
  const bool only_below = entry.starts_with('.') || entry.starts_with("*.");
  const auto name = entry.substr(only_below ? entry.find('.') + 1 : 0);
  return !name.empty() && in_domain(host, name, only_below);
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (const auto value = environment.get(name)) {
      return *value;
    }
  }
  return {};
}

}  // namespace

bool is_exempt(const std::string& exceptions, const std::string& host, std::uint16_t port) {
  const auto entries = split(exceptions, ',');
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return covers(std::string(trim(entry)), host, port);
  });
}

std::string Proxies::choose(const Url& url) const {
  return is_exempt(exceptions, url.host, url.port) ? ""
         : url.scheme == "https"                   ? for_https
                                                   : for_http;
}

Proxies proxies_from(const Environment& environment) {
  const bool is_cgi = environment.get("REQUEST_METHOD").has_value();
  Proxies proxies;
  proxies.for_http = is_cgi ? first_of(environment, {"http_proxy"})
                            : first_of(environment, {"http_proxy", "HTTP_PROXY"});
  proxies.for_https = first_of(environment, {"https_proxy", "HTTPS_PROXY"});
  const auto all = first_of(environment, {"all_proxy", "ALL_PROXY"});
  proxies.for_http = proxies.for_http.empty() ? all : proxies.for_http;
  proxies.for_https = proxies.for_https.empty() ? all : proxies.for_https;
  proxies.exceptions = kLoopback + first_of(environment, {"no_proxy", "NO_PROXY"});
  return proxies;
}

}  // namespace marvel::net
